"""Migrations keep what older releases wrote, run by an owner without rights over other rows."""

import pytest

from qgp.embedded.server import Server
from tests.servers import administer, cleared, downgrade, migrate, owned_by


@pytest.fixture(scope="module")
def server(newest_server: Server) -> Server:
    """A server with a database at the newest migration, whose owner is no superuser."""
    administer(cleared(newest_server), "CREATE ROLE plain LOGIN CREATEROLE")
    migrate(owned_by(newest_server, "plain"), "head")
    return newest_server


def at(server: Server, revision: str) -> str:
    """Copy that database to one named after a revision, go back to it; return the address."""
    url = owned_by(server, "plain", revision, template="plain")
    downgrade(url, revision)
    return url


ORGANIZATION, OTHER = (f"00000000-0000-7000-8000-00000000000{digit}" for digit in "12")
SIGNED = """INSERT INTO signatures (organization_id, id, subject_type, subject_id, meaning,
    printed_name, statement, action, subject_version, content_sha256, signed_at, auth_method,
    sha256, signer_id, version, created_at, updated_at)
    SELECT organization::uuid, gen_random_uuid(), 'fnd', organization::uuid, meaning, 'Kim', '',
    '', 1, '', timestamptz '2026-01-01' + place * interval '1 hour', 'PASSWORD', place::text,
    organization::uuid, 1, now(), now()
    FROM (VALUES {rows}) signed (organization, place, meaning)"""


def rows(*signed: tuple[str, int, str]) -> str:
    """Return the statement that signs version 1 of one record of each organization."""
    values = ", ".join(f"('{owner}', {place}, '{meaning}')" for owner, place, meaning in signed)
    return SIGNED.format(rows=values)


def test_signatures_that_were_repeated_before_keep_standing(server: Server) -> None:
    url = at(server, "0030")
    past = "SET session_replication_role = replica"
    repeated = [(ORGANIZATION, place, "REVIEWED") for place in (3, 1, 2)]
    others = [(ORGANIZATION, 1, "APPROVED"), (OTHER, 1, "REVIEWED")]
    administer(server, past, rows(*repeated, *others), database="0030")
    migrate(url, "0031")
    statement = """SELECT organization_id, meaning, sha256, repetition, version FROM signatures
        ORDER BY 1, 2, 3"""
    assert administer(server, statement, database="0030") == [
        [ORGANIZATION, "APPROVED", "1", "0", "1"],
        [ORGANIZATION, "REVIEWED", "1", "0", "1"],
        [ORGANIZATION, "REVIEWED", "2", "1", "1"],
        [ORGANIZATION, "REVIEWED", "3", "2", "1"],
        [OTHER, "REVIEWED", "1", "0", "1"],
    ]
    triggers = """SELECT count(*) FROM pg_trigger WHERE tgrelid = 'signatures'::regclass
        AND NOT tgisinternal AND tgenabled = 'O'"""
    walls = "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'signatures'"
    assert administer(server, triggers, database="0030") == [["3"]]
    assert administer(server, walls, database="0030") == [["t"]]


KEYED = """SELECT code_search, name_search, code_sort, name_sort FROM sites ORDER BY code"""


def test_texts_written_before_get_their_keys_and_those_of_an_older_release_too(
    server: Server,
) -> None:
    url = at(server, "0035")
    site = """INSERT INTO sites (organization_id, id, code, name, version, created_at, updated_at)
        VALUES ('{}', gen_random_uuid(), '{}', '{}', 1, now(), now())"""
    past = "SET session_replication_role = replica"
    administer(
        server,
        past,
        site.format(ORGANIZATION, "S10", "Łódź"),
        site.format(OTHER, "S2", "Straße 9"),
        database="0035",
    )
    migrate(url, "0036")
    wide = [f"s{number.zfill(20)}" for number in ("10", "2")]
    filled = [
        ["s10", "lodz", wide[0], "lodz"],
        ["s2", "strasse 9", wide[1], f"strasse {'9'.zfill(20)}"],
    ]
    assert administer(server, KEYED, database="0035") == filled
    administer(
        server,
        "ALTER TABLE sites DISABLE TRIGGER change_has_entry",
        "ALTER TABLE sites DISABLE TRIGGER USER",
        "ALTER TABLE sites ENABLE TRIGGER make_keys",
        "UPDATE sites SET name = 'Ærø' WHERE code = 'S10'",
        database="0035",
    )
    assert administer(server, KEYED, database="0035")[0][1::2] == ["aero", "aero"]
    migrate(url, "-1", "0036")
    assert [row[1] for row in administer(server, KEYED, database="0035")] == ["aero", "strasse 9"]


def test_entries_of_parts_get_their_record_and_those_of_an_older_release_too(
    server: Server,
) -> None:
    url = at(server, "0037")
    finding, link, clause = ORGANIZATION, OTHER, ORGANIZATION[:-1] + "3"
    created = f'{{"finding_id": [null, "{finding}"], "clause_id": [null, "{clause}"]}}'
    entry = f"""INSERT INTO audit_entries (organization_id, seq, at, action, entity, entity_id,
        entity_version, changes, payload, previous_hash, hash)
        VALUES ('{ORGANIZATION}', {{}}, now(), 'x', '{{}}', '{{}}', {{}}, '{{}}', '', '', '')"""
    administer(
        server,
        "SET session_replication_role = replica",
        entry.format(1, "findings", finding, 1, "{}"),
        entry.format(2, "finding_clauses", link, 1, created),
        entry.format(3, "finding_clauses", link, 2, "{}"),
        database="0037",
    )
    migrate(url, "0038")
    administer(
        server,
        "ALTER TABLE audit_entries DISABLE TRIGGER USER",
        "ALTER TABLE audit_entries ENABLE TRIGGER entry_of_part",
        entry.format(4, "finding_clauses", clause, 1, created),
        entry.format(5, "finding_clauses", link, 3, "{}"),
        entry.format(6, "findings", finding, 2, "{}"),
        database="0037",
    )
    statement = "SELECT seq, part_of_id FROM audit_entries ORDER BY seq"
    owners = ["", finding, finding, finding, finding, ""]
    assert administer(server, statement, database="0037") == [
        [str(seq), owner] for seq, owner in enumerate(owners, 1)
    ]


def test_addresses_get_their_domain_in_a_labels_and_back(server: Server) -> None:
    url = at(server, "0029")
    account = "INSERT INTO accounts (id, email, created_at) VALUES (gen_random_uuid(), '{}', now())"
    columns = "gen_random_uuid() AS id, 'One' AS name, 'one' AS slug, 'UTC' AS zone"
    administer(
        server,
        "SET session_replication_role = replica",  # without a trail
        account.format("ann@müller.example"),
        account.format("bob@weiß.example"),
        account.format("bob@xn--wei-7ka.example"),
        account.format("zoë@plain.example"),
        f"""WITH own AS (SELECT {columns})
        INSERT INTO organizations (organization_id, id, name, slug, time_zone, locale, currency,
            status, version, created_at, updated_at)
        SELECT id, id, name, slug, zone, 'en', 'EUR', 'ACTIVE', 1, now(), now() FROM own""",
        """INSERT INTO users (organization_id, id, account_id, email, name, role, status,
            access_version, version, created_at, updated_at)
        SELECT o.id, gen_random_uuid(), a.id, a.email, 'User', 'OWNER', 'ACTIVE', 1, 1, now(), now()
        FROM organizations o, accounts a""",
        database="0029",
    )
    emails = "SELECT email FROM accounts UNION ALL SELECT email FROM users ORDER BY 1"
    before = administer(server, emails, database="0029")
    migrate(url, "0030")
    renamed = ["ann@xn--mller-kva.example", "bob@weiß.example", "bob@xn--wei-7ka.example"]
    expected = sorted(2 * [*renamed, "zoë@plain.example"])
    assert sorted(row[0] for row in administer(server, emails, database="0029")) == expected
    migrate(url, "-1")
    assert administer(server, emails, database="0029") == before


FILLED = {
    "_text": "'{}'", "bool": "false", "date": "'2026-01-01'", "int4": "1", "jsonb": "'{}'",
    "numeric": "1", "text": "'x'", "timestamptz": "now()", "uuid": "gen_random_uuid()",
    "varchar": "'x'",
}  # fmt: skip
REQUIRED = """SELECT column_name, udt_name FROM information_schema.columns
    WHERE table_name = '{}' AND is_nullable = 'NO' AND column_default IS NULL
    AND is_generated = 'NEVER'"""


def row_of(server: Server, database: str, table: str, **values: str) -> str:
    """Return the statement that inserts a row; what is required and not given gets any value."""
    required = administer(server, REQUIRED.format(table), database=database)
    columns = {name: FILLED[kind] for name, kind in required}
    chosen = {"organization_id": ORGANIZATION, **values}
    columns |= {name: f"'{value}'" for name, value in chosen.items()}
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(columns.values())})"


CONFORMITY, SINGLE = (f"00000000-0000-7000-8000-00000000000{digit}" for digit in "34")
NAMES = """
    SELECT 'attachment', {attachments} FROM attachments
    UNION ALL SELECT 'clause', theme FROM clauses
    UNION ALL SELECT 'disposition', disposition FROM findings
    UNION ALL SELECT 'response', value::text FROM audit_responses
    UNION ALL SELECT 'section', visible_if_values::text FROM sections
    UNION ALL SELECT 'question', visible_if_values::text FROM questions
        WHERE visible_if_question_id IS NOT NULL
    UNION ALL SELECT 'event', action FROM status_events
    UNION ALL SELECT 'refusal', action FROM security_events
    ORDER BY 1, 2"""
RENAMED = {
    "attachment": (["7 text/plain STORED"], ["7 text/plain STORED"]),
    "clause": (["NC_CA", "SYSTEM"], ["NONCONFORMITY_CORRECTIVE_ACTION", "SYSTEM"]),
    "disposition": (["NA", "SCRAP"], ["NOT_APPLICABLE", "SCRAP"]),
    "event": (["findingAct", "findingOpen"], ["findingOpen", "findingStartCorrectiveAction"]),
    "question": (["{C,MIN}", "{C}"], ["{CONFORM,MINOR}", "{C}"]),
    "refusal": (["capaFail"], ["capaRecordIneffective"]),
    "response": (
        ['{"options": ["C"]}', '{"verdict": "MAJ"}', '{"verdict": "YES"}'],
        ['{"options": ["C"]}', '{"verdict": "MAJOR"}', '{"verdict": "YES"}'],
    ),
    "section": (["{MAJ,OBS}"], ["{MAJOR,OBSERVATION}"]),
}


def _filled(server: Server, database: str) -> list[str]:
    """Return the statements that insert what has a former name, and what looks like it."""
    stored = {"stored_at": "2026-01-01", "mime": "text/plain", "state": "STORED", "bytes": "7"}
    event = {"from_status": "OPEN", "to_status": "OPEN"}
    on = {"visible_if_operator": "IN", "type": "YES_NO", "criticality": "MINOR"}
    rows: list[tuple[str, dict[str, str]]] = [
        ("attachments", {"sha256": "a" * 64, **stored}),
        *[("clauses", {"theme": theme}) for theme in RENAMED["clause"][0]],
        *[
            ("findings", {"disposition": name, "reference": name, **FINDING})
            for name in RENAMED["disposition"][0]
        ],
        *[("audit_responses", {"value": value}) for value in RENAMED["response"][0]],
        ("questions", {"id": CONFORMITY, "type": "CONFORMITY", "criticality": "MINOR"}),
        ("questions", {"id": SINGLE, "type": "SINGLE", "criticality": "MINOR"}),
        ("questions", {"visible_if_question_id": CONFORMITY, "visible_if_values": "{C,MIN}", **on}),
        ("questions", {"visible_if_question_id": SINGLE, "visible_if_values": "{C}", **on}),
        ("sections", {"visible_if_question_id": CONFORMITY, "visible_if_values": "{MAJ,OBS}",
            "visible_if_operator": "IN"}),
        *[("status_events", {"action": name, **event}) for name in RENAMED["event"][0]],
        ("security_events", {"action": "capaFail", "kind": "COMMAND_DENIED"}),
    ]  # fmt: skip
    return [row_of(server, database, table, **values) for table, values in rows]


FINDING = {"grade": "MINOR", "source_type": "AUDIT", "status": "DRAFT"}


def test_columns_and_values_are_renamed_with_what_they_hold_and_back(server: Server) -> None:
    url = at(server, "0036")
    past = "SET session_replication_role = replica"
    administer(server, "; ".join([past, *_filled(server, "0036")]), database="0036")
    names = [NAMES.format(attachments=f"concat_ws(' ', {columns})") for columns in (
        "bytes, mime, state", "size_bytes, content_type, status"
    )]  # fmt: skip
    before, after = (
        [[kind, name] for kind, sides in RENAMED.items() for name in sides[turn]] for turn in (0, 1)
    )
    assert administer(server, names[0], database="0036") == before
    migrate(url, "0037")
    assert administer(server, names[1], database="0036") == after
    floor = "SELECT needs_code FROM applied_migrations WHERE revision = '0037'"
    assert administer(server, floor, database="0036") == [["0037"]]
    migrate(url, "-1")
    assert administer(server, names[0], database="0036") == before
    refused = row_of(server, "0036", "clauses", theme="NONCONFORMITY_CORRECTIVE_ACTION")
    with pytest.raises(AssertionError, match="ck_clauses_theme"):
        administer(server, f"{past}; {refused}", database="0036")
    migrate(url, "0037")
    assert administer(server, names[1], database="0036") == after
    off = """SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'"""
    bare = """SELECT relname FROM pg_class WHERE relname IN ('clauses', 'findings', 'questions',
        'audit_responses', 'sections', 'status_events', 'security_events')
        AND NOT relforcerowsecurity"""
    assert administer(server, off, database="0036") == [["0"]]
    assert administer(server, bare, database="0036") == []


STANDARD = "00000000-0000-7000-8000-0000000000{}"
LEVELS = """SELECT family_code, origin, number, level, exclusion FROM clauses
    JOIN standards ON standards.id = standard_id ORDER BY 1, 2, clauses.sort_key"""


def test_adopted_clauses_get_the_level_and_exclusion_that_the_catalogue_ships(
    server: Server,
) -> None:
    url = at(server, "0038")
    adopted = {"12": ("ISO27001", "CATALOGUE"), "13": ("ISO9001", "CATALOGUE")}
    standards = {**adopted, "14": ("ISO9001", "OWN")}
    numbers = {
        "12": ("10.2", "9.1", "A.5.10", "A.7.4"),
        "13": ("5.2.1", "6.3", "8.3"),
        "14": ("4",),
    }
    rows = [
        row_of(server, "0038", "standards", id=STANDARD.format(at), family_code=family,
            edition=origin, origin=origin, kind="MSS", status="ACTIVE")
        for at, (family, origin) in standards.items()
    ]  # fmt: skip
    rows += [
        row_of(server, "0038", "clauses", standard_id=STANDARD.format(at), number=number,
            sort_key=str(place))
        for at, listed in numbers.items() for place, number in enumerate(listed)
    ]  # fmt: skip
    past = "SET session_replication_role = replica"
    administer(server, "; ".join([past, *rows]), database="0038")
    migrate(url, "0039")
    assert administer(server, LEVELS, database="0038") == [
        ["ISO27001", "CATALOGUE", "10.2", "ORGANIZATION", "NEVER"],
        ["ISO27001", "CATALOGUE", "9.1", "SITE", "NEVER"],
        ["ISO27001", "CATALOGUE", "A.5.10", "ORGANIZATION", "JUSTIFIED"],
        ["ISO27001", "CATALOGUE", "A.7.4", "SITE", "JUSTIFIED"],
        ["ISO9001", "CATALOGUE", "5.2.1", "ORGANIZATION", "NEVER"],
        ["ISO9001", "CATALOGUE", "6.3", "ORGANIZATION", "JUSTIFIED"],
        ["ISO9001", "CATALOGUE", "8.3", "SITE", "JUSTIFIED"],
        ["ISO9001", "OWN", "4", "SITE", "JUSTIFIED"],
    ]

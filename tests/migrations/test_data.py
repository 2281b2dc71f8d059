"""Migrations keep what older releases wrote."""

from qgp.embedded.server import Server
from tests.migrations.conftest import administer, migrate, owned_by

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
    told = ", ".join(f"('{owner}', {place}, '{meaning}')" for owner, place, meaning in signed)
    return SIGNED.format(rows=told)


def test_signatures_that_were_repeated_before_keep_standing(fresh: Server) -> None:
    administer(fresh, "CREATE ROLE plain LOGIN CREATEROLE")
    url = owned_by(fresh, "plain")
    migrate(url, "0030")
    past = "SET session_replication_role = replica"
    repeated = [(ORGANIZATION, place, "REVIEWED") for place in (3, 1, 2)]
    others = [(ORGANIZATION, 1, "APPROVED"), (OTHER, 1, "REVIEWED")]
    administer(fresh, past, rows(*repeated, *others), database="plain")
    migrate(url, "0031")
    asked = """SELECT organization_id, meaning, sha256, repetition, version FROM signatures
        ORDER BY 1, 2, 3"""
    assert administer(fresh, asked, database="plain") == [
        [ORGANIZATION, "APPROVED", "1", "0", "1"],
        [ORGANIZATION, "REVIEWED", "1", "0", "1"],
        [ORGANIZATION, "REVIEWED", "2", "1", "1"],
        [ORGANIZATION, "REVIEWED", "3", "2", "1"],
        [OTHER, "REVIEWED", "1", "0", "1"],
    ]
    triggers = """SELECT count(*) FROM pg_trigger WHERE tgrelid = 'signatures'::regclass
        AND NOT tgisinternal AND tgenabled = 'O'"""
    walls = "SELECT relforcerowsecurity FROM pg_class WHERE relname = 'signatures'"
    assert administer(fresh, triggers, database="plain") == [["3"]]
    assert administer(fresh, walls, database="plain") == [["t"]]


KEYED = """SELECT code_search, name_search, code_sort, name_sort FROM sites ORDER BY code"""


def test_texts_written_before_get_their_keys_and_those_of_an_older_release_too(
    fresh: Server,
) -> None:
    administer(fresh, "CREATE ROLE plain LOGIN CREATEROLE")
    url = owned_by(fresh, "plain")
    migrate(url, "0035")
    site = """INSERT INTO sites (organization_id, id, code, name, version, created_at, updated_at)
        VALUES ('{}', gen_random_uuid(), '{}', '{}', 1, now(), now())"""
    past = "SET session_replication_role = replica"
    administer(
        fresh,
        past,
        site.format(ORGANIZATION, "S10", "Łódź"),
        site.format(OTHER, "S2", "Straße 9"),
        database="plain",
    )
    migrate(url, "0036")
    wide = [f"s{number.zfill(20)}" for number in ("10", "2")]
    filled = [
        ["s10", "lodz", wide[0], "lodz"],
        ["s2", "strasse 9", wide[1], f"strasse {'9'.zfill(20)}"],
    ]
    assert administer(fresh, KEYED, database="plain") == filled
    administer(
        fresh,
        "ALTER TABLE sites DISABLE TRIGGER change_has_entry",
        "ALTER TABLE sites DISABLE TRIGGER USER",
        "ALTER TABLE sites ENABLE TRIGGER make_keys",
        "UPDATE sites SET name = 'Ærø' WHERE code = 'S10'",
        database="plain",
    )
    assert administer(fresh, KEYED, database="plain")[0][1::2] == ["aero", "aero"]
    migrate(url, "-1", "0036")
    assert [row[1] for row in administer(fresh, KEYED, database="plain")] == ["aero", "strasse 9"]

"""The trail: no change without its entry, no entry without its change, no lie unnoticed."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.app import Application
from qgp.findings.model import Finding
from qgp.kit import ids
from qgp.kit.audit import AuditEntry
from qgp.kit.audit_content import canonical
from qgp.kit.audit_verification import Broken, TrailProblem, first_broken
from qgp.kit.editing import change
from qgp.kit.errors import Invalid
from qgp.kit.redaction import AuditText
from qgp.kit.session import Scope
from qgp.kit.status_history import StatusEvent
from qgp.kit.work import Work
from qgp.organizations.model import Site
from tests import factories
from tests.company import Client, Company, Hiring
from tests.kit.conftest import scratch_application
from tests.kit.work import refused, work_of

FORGED = """INSERT INTO audit_entries SELECT organization_id, seq + 100, at, actor_id, action,
    'sites', :record, :version, changes, reason, request_id, payload, previous_hash, hash
    FROM audit_entries WHERE seq = 1"""


async def entries(company: Company) -> list[AuditEntry]:
    async with company.application.database.read(Scope(company.organization_id)) as session:
        return list(await session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq)))


async def broken(company: Company) -> Broken | None:
    async with company.application.database.read(Scope(company.organization_id)) as session:
        return await first_broken(session)


def test_json_is_canonical_with_integers_of_any_size() -> None:
    text = {"é": 'ü"\\\n\t\x07\x7f\u2028', "Z": [True, None, -1], "a": {}}
    written = '{"Z":[true,null,-1],"a":{},"é":"ü\\"\\\\\\n\\t\\u0007\x7f\u2028"'
    assert canonical(text) == f"{written}}}"
    assert canonical(text | {"ü": 2**70}) == f'{written},"ü":{2**70}}}'


async def test_an_entry_tells_who_did_what_when_and_from_which_request(
    company: Company, api: Client
) -> None:
    payload = await api.do("siteCreate", "site { id }", code="A", name="Old", country="DE")
    document = "mutation ($i: SiteUpdateInput!) { siteUpdate(input: $i) { site { version } } }"
    changes = {"id": payload["site"]["id"], "expectedVersion": 1, "name": "New", "country": None}
    answer = await api.http.post(
        "/graphql",
        headers={"x-request-id": "request-of-mine"},
        json={"query": document, "variables": {"i": changes}},
    )
    assert answer.json()["data"]["siteUpdate"]["site"] == {"version": 2}
    entry = (await entries(company))[-1]
    assert (entry.entity, ids.encode("sit", entry.entity_id)) == ("sites", payload["site"]["id"])
    assert (entry.action, entry.entity_version) == ("siteUpdate", 2)
    assert (entry.actor_id, entry.request_id) == (company.owner.user_id, "request-of-mine")
    assert entry.changes == {"name": ["Old", "New"], "country": ["DE", None]}
    assert entry.at.tzinfo is not None


async def test_an_entry_of_a_new_record_holds_all_it_was_made_with(
    company: Company, api: Client
) -> None:
    payload = await api.do("siteCreate", "site { id }", code="A", name="New")
    entry = (await entries(company))[-1]
    assert entry.action == "siteCreate"
    assert entry.changes == {
        "id": [None, str(ids.split(payload["site"]["id"])[1])],
        "organization_id": [None, str(company.organization_id)],
        "code": [None, "A"],
        "name": [None, "New"],
    }


async def test_a_change_that_changes_nothing_leaves_neither_version_nor_entry(
    company: Company, api: Client
) -> None:
    created = await api.do("siteCreate", "site { id }", code="A", name="Same")
    before = len(await entries(company))
    again = {"id": created["site"]["id"], "expectedVersion": 1, "name": "Same"}
    payload = await api.do("siteUpdate", "site { version }", **again)
    assert payload == {"site": {"version": 1}, "errors": []}
    assert len(await entries(company)) == before


async def test_a_refused_command_leaves_no_entry(company: Company, api: Client) -> None:
    await api.do("siteCreate", code="A", name="One")
    before = len(await entries(company))
    payload = await api.do("siteCreate", code="A", name="Two")
    assert [error["code"] for error in payload["errors"]] == ["ALREADY_EXISTS"]
    assert len(await entries(company)) == before


UNTOLD = {
    "insert": """INSERT INTO sites (organization_id, id, code, name, version, created_at,
        updated_at) SELECT organization_id, :fresh, 'Z', 'Z', 1, now(), now() FROM sites""",
    "update": "UPDATE sites SET name = 'Z', version = version + 1",
    "update that counts no version": "UPDATE sites SET name = 'Z'",
    "update that skips a version": "UPDATE sites SET name = 'Z', version = version + 2",
    "delete": "DELETE FROM sites",
}


@pytest.mark.parametrize("statement", UNTOLD.values(), ids=UNTOLD)
async def test_a_change_without_an_entry_does_not_commit(
    company: Company, api: Client, statement: str
) -> None:
    await api.do("siteCreate", code="A", name="A")
    assert await refused(company, statement, **fresh_if(statement)) == "QG001"
    sites = await api.ask("{ sites { nodes { code name version } } }")
    assert sites["sites"]["nodes"] == [{"code": "A", "name": "A", "version": 1}]


def fresh_if(statement: str) -> dict[str, UUID]:
    return {"fresh": ids.uuid7()} if ":fresh" in statement else {}


async def test_a_new_record_starts_at_version_one(company: Company, api: Client) -> None:
    await api.do("siteCreate", code="A", name="A")
    fresh = ids.uuid7()
    second = UNTOLD["insert"].replace("'Z', 1,", "'Z', 2,")
    assert (
        await refused(company, FORGED, second.replace(":fresh", ":record"), record=fresh, version=2)
        == "QG001"
    )


async def test_an_entry_without_a_change_does_not_commit(company: Company, api: Client) -> None:
    payload = await api.do("siteCreate", "site { id }", code="A", name="A")
    site = ids.split(payload["site"]["id"])[1]
    assert await refused(company, FORGED, record=site, version=2) == "QG001"
    assert await refused(company, FORGED, record=ids.uuid7(), version=1) == "QG001"
    assert await broken(company) is None


async def test_no_entry_follows_the_one_that_tells_of_the_end(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Site, "removable", True)
    async with work_of(company, "siteCreate") as work:
        site = await work.add(Site(code="A", name="A"))
    async with work_of(company, "siteDelete") as work:
        await work.remove(await work.get(Site, site.id))
    assert [entry.changes for entry in await entries(company)][-1] == {"deleted": [False, True]}
    assert await refused(company, FORGED, record=site.id, version=3) == "QG001"


async def test_the_trail_is_append_only_for_everybody(company: Company) -> None:
    for statement in ("UPDATE audit_entries SET reason = 'x'", "DELETE FROM audit_entries"):
        assert await refused(company, statement) == "42501"
        async with company.application.engine.connect() as superuser:
            with pytest.raises(DBAPIError, match="append-only"):
                await superuser.execute(sa.text(statement))
    async with company.application.engine.connect() as superuser:
        with pytest.raises(DBAPIError, match="append-only"):
            await superuser.execute(sa.text("TRUNCATE audit_entries"))


async def test_fifty_writers_at_once_leave_one_gapless_chain(company: Company, api: Client) -> None:
    before = len(await entries(company))
    payloads = await asyncio.gather(
        *[api.do("siteCreate", code=f"S{turn}", name="S") for turn in range(50)]
    )
    assert all(payload["errors"] == [] for payload in payloads)
    chain = await entries(company)
    assert [entry.seq for entry in chain] == list(range(1, before + 51))
    assert await broken(company) is None


async def test_what_happens_in_one_transaction_is_told_in_order(company: Company) -> None:
    async with work_of(company) as work:
        site = await work.add(Site(code="A", name="A"))
        await change(Site)(work, id=site.id, expected_version=1, name="B")
        await change(Site)(work, id=site.id, expected_version=2, name="C")
    last_entries = (await entries(company))[-3:]
    assert [entry.entity_version for entry in last_entries] == [1, 2, 3]
    assert [entry.changes.get("name") for entry in last_entries] == [
        [None, "A"],
        ["A", "B"],
        ["B", "C"],
    ]
    assert await broken(company) is None


TAMPERED = {
    "edit": ("UPDATE audit_entries SET payload = payload || ' ' WHERE seq = 5", 5, "ALTERED"),
    "column": ("UPDATE audit_entries SET reason = 'because' WHERE seq = 5", 5, "DIFFERENT"),
    "history": ("UPDATE audit_entries SET part_of_id = entity_id WHERE seq = 5", 5, "DIFFERENT"),
    "moment": (
        "UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE seq = 5",
        5,
        "DIFFERENT",
    ),
    "hash": ("UPDATE audit_entries SET hash = sha256('x') WHERE seq = 5", 5, "ALTERED"),
    "delete in the middle": ("DELETE FROM audit_entries WHERE seq = 5", 5, "MISSING"),
    "delete the first": ("DELETE FROM audit_entries WHERE seq = 1", 1, "MISSING"),
    "cut the end": ("DELETE FROM audit_entries WHERE seq > 5", 6, "MISSING"),
    "cut everything": ("DELETE FROM audit_entries", 1, "MISSING"),
    "insert at the end": (
        """INSERT INTO audit_entries SELECT organization_id, 8, at, actor_id, action, entity,
        entity_id, 99, changes, reason, request_id, payload, hash, hash FROM audit_entries
        WHERE seq = 7""",
        8,
        "ALTERED",
    ),
    "insert before the start": (
        """INSERT INTO audit_entries SELECT organization_id, 0, at, actor_id, action, entity,
        entity_id, 99, changes, reason, request_id, payload, previous_hash, hash
        FROM audit_entries WHERE seq = 1""",
        1,
        "MISSING",
    ),
    "swap": ("UPDATE audit_entries SET seq = 11 - seq WHERE seq IN (5, 6)", 5, "UNLINKED"),
    "head behind": ("UPDATE audit_heads SET seq = 6", 8, "BEYOND"),
    "head of another hash": ("UPDATE audit_heads SET hash = sha256('x')", 8, "BEYOND"),
    "no head": ("DELETE FROM audit_heads", 8, "BEYOND"),
}


@pytest.mark.parametrize(("statement", "place", "problem"), TAMPERED.values(), ids=TAMPERED)
async def test_tampering_past_the_triggers_is_found_at_its_place(
    company_with_trail: Company, statement: str, place: int, problem: str
) -> None:
    assert len(await entries(company_with_trail)) == 7
    async with company_with_trail.application.engine.connect() as superuser:
        await superuser.execute(sa.text("SET LOCAL session_replication_role = replica"))
        if "11 - seq" in statement:  # the key is checked row by row
            await superuser.execute(
                sa.text("ALTER TABLE audit_entries DROP CONSTRAINT pk_audit_entries")
            )
        await superuser.execute(sa.text(statement))
        scope = Scope(company_with_trail.organization_id)
        session = AsyncSession(superuser, info={"scope": scope})
        assert await first_broken(session) == Broken(place, TrailProblem(problem))
        await superuser.rollback()
    assert await broken(company_with_trail) is None


@pytest.fixture(scope="module")
async def company_with_trail(server_url: sa.URL) -> AsyncIterator[Company]:
    """A company whose trail has seven entries, alone in its database."""
    async with scratch_application(server_url) as application:
        company = await Hiring(application).company()
        async with company.owner.signed_in() as owner:
            for turn in range(7 - len(await entries(company))):
                await owner.do("siteCreate", code=f"S{turn}", name="S")
        yield company


@pytest.mark.parametrize(
    "name", ["Zürich \u2028 \U0001f3ed", '"\\\b\f\n\r\t\x01\x7f/', "é e\u0301", ""]
)
async def test_the_database_seals_the_very_bytes_that_python_verifies(
    company: Company, name: str
) -> None:
    async with work_of(company) as work:
        await work.add(Site(code="A", name=name))
    entry = (await entries(company))[-1]
    assert entry.changes["name"] == [None, name]
    assert await broken(company) is None


async def test_an_organization_without_a_trail_is_whole(application: Application) -> None:
    async with application.database.read(Scope(ids.uuid7())) as session:
        assert await first_broken(session) is None


async def test_what_a_rollback_to_a_savepoint_undoes_leaves_nothing_in_the_trail(
    company: Company,
) -> None:
    """Nor a text, a status event or a sealed payload; what was committed beside it stays."""
    kept, lost = factories.finding(), factories.finding()
    length = len(await entries(company))
    async with work_of(company) as work:
        async with work.session.begin_nested():
            finding_id = (await work.add(kept)).id
            await work.add(factories.comment(kept, body="Kept."))
        with pytest.raises(Invalid):
            await _refused_after_flush(work, kept, lost)
        await work.change(await work.get(Finding, finding_id), {"title": "Changed"})
    later = (await entries(company))[length:]
    assert [(each.entity, each.entity_version) for each in later] == [
        ("findings", 1),
        ("comments", 1),
        ("findings", 2),
    ]
    assert {each.entity_id for each in later if each.entity == "findings"} == {finding_id}
    assert await broken(company) is None
    async with work_of(company) as work:
        assert await work.rows(sa.select(AuditText.content)) == ["Kept."]
        assert await work.rows(
            sa.select(StatusEvent.entity_id).where(StatusEvent.entity == "findings")
        ) == [finding_id]


async def _refused_after_flush(work: Work, kept: Finding, lost: Finding) -> None:
    async with work.session.begin_nested():
        await work.add(lost)
        await work.add(factories.comment(lost, body="Lost."))
        await work.seal_audit_notes()
        await work.change(kept, {"title": "Lost"})
        raise Invalid("The second finding is refused.")

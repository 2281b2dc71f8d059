"""Imports of uploaded catalogs run in the background, and their record shows how they end."""

import json
from datetime import timedelta
from typing import Any

import pytest

from qgp.kit import clock, ids
from qgp.kit.errors import Invalid
from qgp.kit.operating import operator
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.kit.work import Work
from qgp.standards.commands import imports, oscal
from qgp.standards.commands.oscal.process import read_in_process
from tests import factories
from tests.attachments.uploads import a_record, add, promise
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.standards.standard_commands import errors_of
from tests.standards.test_oscal import GARDEN

FIELDS = """id status filename rows rowsDone added changed withdrawn error
    standard { code } supersedes { code } endedAt"""


async def upload(api: Client, company: Company, content: bytes) -> str:
    subject = await a_record(company, api)
    return await add(api, subject, content, filename="rules.json")


async def start(api: Client, attachment: str, **facts: Any) -> Any:
    fields = f"standardImport {{ {FIELDS} }}"
    return await api.do("standardImport", fields, attachmentId=attachment, **facts)


async def ended(api: Client, company: Company, payload: Any) -> Any:
    """Return the import once its process is through."""
    assert payload["errors"] == []
    await company.application.background.wait()
    document = f"query ($id: ID!) {{ standardImport(by: {{id: $id}}) {{ {FIELDS} }} }}"
    record = (await api.ask(document, id=payload["standardImport"]["id"]))["standardImport"]
    assert record.pop("endedAt") is not None
    assert record.pop("id") == payload["standardImport"]["id"]
    return record


async def test_an_upload_is_imported_once_and_again_without_changes(
    api: Client, company: Company
) -> None:
    file = await upload(api, company, GARDEN.read_bytes())
    payload = await start(api, file)
    assert (payload["standardImport"]["status"], payload["standardImport"]["rows"]) == (
        "RUNNING",
        None,
    )
    assert errors_of(await start(api, file)) == [("CONFLICT", "attachmentId")]
    done = {"status": "COMPLETED", "filename": "rules.json", "rows": 7, "rowsDone": 7}
    code = "GARDEN-SAFETY-RULES-SMALL-BASELINE:3.0"
    further = {"withdrawn": 0, "error": None, "standard": {"code": code}, "supersedes": None}
    first = await ended(api, company, payload)
    assert first == done | further | {"added": 7, "changed": 0}
    second = await ended(api, company, await start(api, file))
    assert second == done | further | {"added": 0, "changed": 0}


async def test_a_refused_import_says_why_and_writes_no_clause(
    api: Client, company: Company
) -> None:
    document = json.loads(GARDEN.read_bytes())
    document["catalog"]["groups"][0]["controls"][1]["id"] = "wt-2"
    pending = await promise(api, await a_record(company, api), filename="rules.json")
    async with unchanged(company):
        assert errors_of(await start(api, pending["attachment"]["id"])) == [
            ("BAD_USER_INPUT", "attachmentId")
        ]
    record = await ended(
        api, company, await start(api, await upload(api, company, json.dumps(document).encode()))
    )
    assert (record["status"], record["standard"], record["added"]) == ("FAILED", None, 0)
    assert "repeats 'wt-2' of /catalog/groups/0/controls/0/id" in record["error"]
    library = await api.ask("{ standards { totalCount } clauses { totalCount } }")
    assert library == {"standards": {"totalCount": 0}, "clauses": {"totalCount": 0}}
    auditor = await company.hire(Role.LEAD_AUDITOR)
    async with auditor.signed_in() as client:
        (error,) = (await client.send("{ standardImports { totalCount } }"))["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"


async def test_an_import_whose_process_has_ended_is_failed(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, organization = company.application.database, company.organization_id
    async with database.write(Scope(organization)) as session:
        row = await Work(session, operator(organization)).add(factories.standard_import())
    async with unchanged(company):
        await imports.fail_interrupted(database, organization)
    later = clock.now() + timedelta(seconds=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    await imports.fail_interrupted(database, organization)
    async with company.owner.signed_in() as api:
        document = "query ($id: ID!) { node(id: $id) { ... on StandardImport { status error } } }"
        record = (await api.ask(document, id=ids.encode("sti", row.id)))["node"]
    assert record["status"] == "FAILED"
    assert record["error"].startswith("The process ended during the import. Nothing was imported")


async def test_the_process_that_reads_returns_what_reading_does() -> None:
    raw = GARDEN.read_bytes()
    assert await read_in_process(raw) == oscal.read(raw)
    with pytest.raises(Invalid, match="the root holds 'profile'") as caught:
        await read_in_process(b'{"profile": {}}')
    assert caught.value.path == ("/catalog",)

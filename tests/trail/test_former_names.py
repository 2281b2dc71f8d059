"""Entries and signatures keep the names they were sealed with; readers see the present ones."""

import hashlib
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.attachments.model import AttachmentStatus
from qgp.findings.model import Finding, FindingDisposition
from qgp.kit import audit_content, clock, ids
from qgp.kit.audit import AuditEntry
from qgp.kit.clock import print_instant
from qgp.kit.former_names import (
    FORMER_ACTIONS,
    FORMER_COLUMNS,
    FORMER_VALUES,
    FORMER_VERDICTS,
    sealed_fields,
)
from qgp.kit.model import Record
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.sealing import Seal
from qgp.kit.signing import Meaning
from qgp.kit.work import Work
from qgp.signatures import service
from tests import factories
from tests.company import Client, Company, texts
from tests.engine.read_paths import ReadPaths
from tests.factories.attachments import DATA
from tests.findings.finding_commands import FindingCommands
from tests.kit.built import mutations
from tests.kit.work import work_of

TRAIL = """query ($filter: TrailEntryFilter) { trail(filter: $filter) { totalCount nodes {
    action recordVersion } } verification: trailVerify { isIntact } }"""
HISTORY = """query ($id: ID!, $filter: TrailEntryFilter) { finding(by: {id: $id}) {
    history(filter: $filter) { nodes { action } }
    signatures { nodes { id action } } } }"""
SIGNED = """query ($filter: SignatureFilter) { signatures(filter: $filter) { totalCount nodes {
    action } } }"""
VERIFY = "query ($id: ID!) { signatureVerify(signatureId: $id) { isIntact isContentUnchanged } }"


def test_each_former_name_leads_to_a_mutation_and_names_nothing_now() -> None:
    names = {*mutations(), *(action.value for action in OperatorAction)}
    assert set(FORMER_ACTIONS.values()) <= names
    assert not names & FORMER_ACTIONS.keys()


@pytest.fixture
async def renamed(company: Company, finding_commands: FindingCommands) -> Any:
    """A finding that was changed and signed under names of earlier releases."""
    finding = await finding_commands.write()
    async with work_of(company, "findingAct") as work:
        row = await work.get(Finding, ids.split(finding["id"])[1])
        await work.change(row, {"root_cause": "Nobody owned the labels."})
    async with work_of(company, "findingAccept") as work:
        row = await work.get(Finding, row.id)
        await service.write(work, row, Meaning.APPROVED)
    return finding


async def test_an_entry_under_a_former_name_shows_the_present_one_and_verifies(
    company: Company, renamed: Any, read_paths: ReadPaths
) -> None:
    present = "findingStartCorrectiveAction"
    async with company.owner.signed_in() as api:
        whole = await api.ask(TRAIL, filter={"recordId": {"eq": renamed["id"]}})
        assert texts(whole["trail"]["nodes"], "action") == ["findingCreate", present]
        assert whole["verification"] == {"isIntact": True}
    both = {"action": {"in": [present, "capaClose"]}}
    operators: list[tuple[dict[str, Any], list[str]]] = [
        ({"eq": present}, [present]),
        ({"in": [present, "findingCreate"]}, ["findingCreate", present]),
        ({"notIn": [present]}, ["findingCreate"]),
        ({"startsWith": "FINDINGSTART"}, [present]),
        ({"contains": "corrective"}, [present]),
        ({"eq": "findingAct"}, []),
        ({"contains": "findingact"}, []),
    ]
    for condition, expected in operators:
        shown = await read_paths.same(
            company.owner.token,
            HISTORY,
            id=renamed["id"],
            filter={"action": condition, "kind": {"eq": "FINDING"}},
        )
        nodes = shown.data["finding"]["history"]["nodes"]
        assert texts(nodes, "action") == expected, condition
    shown = await read_paths.same(company.owner.token, TRAIL, filter=both)
    assert shown.data["trail"]["totalCount"] == 1


async def test_a_signature_under_a_former_name_shows_the_present_one_and_verifies(
    company: Company, renamed: Any, read_paths: ReadPaths, api: Client
) -> None:
    present = "findingGrantConcession"
    shown = await read_paths.same(company.owner.token, HISTORY, id=renamed["id"])
    (signed,) = shown.data["finding"]["signatures"]["nodes"]
    assert signed["action"] == present
    for name, count in ((present, 1), ("findingAccept", 0)):
        result = await read_paths.same(company.owner.token, SIGNED, filter={"action": {"eq": name}})
        assert result.data["signatures"]["totalCount"] == count
    verdict = (await api.ask(VERIFY, id=signed["id"]))["signatureVerify"]
    assert verdict == {"isIntact": True, "isContentUnchanged": True}


CHANGES = """query ($id: ID!, $at: DateTime!) {
    node(id: $id) { ... on HasHistory { history { nodes { changes { field before after } } } } }
    asOf(recordId: $id, at: $at) { fields { field value } }
    verification: trailVerify { isIntact } }"""


def as_before(work: Work, table: str) -> None:
    """Let the entries of this work say what an earlier release would have written."""
    columns = {present: former for former, present in FORMER_COLUMNS.get(table, {}).items()}
    for note in work.session.info["notes"]:
        if note.entity == table:
            pairs = [*note.changes.items()]
            note.changes.clear()
            for column, pair in pairs:
                values = FORMER_VALUES.get(table, {}).get(column)
                former = [values.former(side) for side in pair] if values else pair
                note.changes[columns.get(column, column)] = former


async def sealed(company: Company, table: str) -> list[Any]:
    """Return what the entries of a table hold."""
    async with work_of(company) as work:
        entry = AuditEntry
        statement = sa.select(entry.changes).where(entry.entity == table).order_by(entry.seq)
        return [*(await work.rows(statement))]


async def shown(api: Client, record: Record) -> dict[str, dict[str, Any]]:
    """Return fields by name: after the last change, and as the record stood then."""
    data = await api.ask(CHANGES, id=record.public_id, at=print_instant(clock.now()))
    assert data["verification"] == {"isIntact": True}
    (*_, last) = data["node"]["history"]["nodes"]
    changes = {change["field"]: change["after"] for change in last["changes"]}
    return {
        "changes": changes,
        "then": {one["field"]: one["value"] for one in data["asOf"]["fields"]},
    }


async def test_an_entry_under_former_columns_shows_the_present_fields(
    company: Company, api: Client, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.write()
    async with work_of(company) as work:
        row = await work.get(Finding, ids.split(finding["id"])[1])
        file = await work.add(factories.attachment(row, AttachmentStatus.STORED))
        await work.session.flush()
        as_before(work, "attachments")
    size = len(DATA)
    (entry,) = await sealed(company, "attachments")
    former = {"bytes": [None, size], "mime": [None, "text/plain"], "state": [None, "STORED"]}
    assert {name: entry[name] for name in former} == former
    for side in (await shown(api, file)).values():
        values = {name: side[name] for name in ("sizeBytes", "contentType", "status")}
        assert values == {"sizeBytes": str(size), "contentType": "text/plain", "status": "STORED"}


async def test_an_entry_with_former_values_shows_the_present_ones(
    company: Company, api: Client, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.write()
    async with work_of(company) as work:
        row = await work.get(Finding, ids.split(finding["id"])[1])
        await work.change(row, {"disposition": FindingDisposition.NOT_APPLICABLE})
        await work.session.flush()
        as_before(work, "findings")
    assert (await sealed(company, "findings"))[-1] == {"disposition": [None, "NA"]}
    fields = await shown(api, row)
    assert fields["changes"] == {"disposition": "NOT_APPLICABLE"}
    assert fields["then"]["disposition"] == "NOT_APPLICABLE"


async def test_a_signature_seals_former_values_so_that_those_of_before_verify(
    company: Company, api: Client, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.write()
    async with work_of(company) as work:
        row = await work.get(Finding, ids.split(finding["id"])[1])
        await work.change(row, {"disposition": FindingDisposition.NOT_APPLICABLE})
    async with work_of(company, "recordSign") as work:
        row = await work.get(Finding, row.id)
        signed = await service.write(work, row, Meaning.AUTHORED, Seal(("disposition",)))
        before = {"findings": {str(row.id): {"disposition": "NA"}}}  # its name in any release
    assert (
        signed.content_sha256
        == hashlib.sha256(audit_content.canonical(before).encode()).hexdigest()
    )
    verdict = (await api.ask(VERIFY, id=signed.public_id))["signatureVerify"]
    assert verdict == {"isIntact": True, "isContentUnchanged": True}


def test_responses_are_sealed_with_the_former_names_of_verdicts() -> None:
    for former, present in FORMER_VERDICTS.items():
        for fields in ({"value": {"verdict": present}}, {"value": {"verdict": former}}):
            assert sealed_fields("audit_responses", fields) == {"value": {"verdict": former}}
    for value in (None, {"options": ["CONFORM"]}, {"text": "MINOR"}, {"verdict": "YES"}):
        assert sealed_fields("audit_responses", {"value": value}) == {"value": value}

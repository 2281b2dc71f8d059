"""Entries and signatures keep the names they were sealed with; readers see the present ones."""

from typing import Any

import pytest

from qgp.findings.model import Finding
from qgp.kit import ids
from qgp.kit.former_names import FORMER_ACTIONS
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.signing import Meaning
from qgp.signatures import service
from tests.company import Client, Company, texts
from tests.engine.read_paths import ReadPaths
from tests.findings.register import Place
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
async def renamed(company: Company, place: Place) -> Any:
    """A finding that was changed and signed under names of earlier releases."""
    finding = await place.write()
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
            company.owner.token, HISTORY, id=renamed["id"], filter={"action": condition}
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
        found = await read_paths.same(company.owner.token, SIGNED, filter={"action": {"eq": name}})
        assert found.data["signatures"]["totalCount"] == count
    verdict = (await api.ask(VERIFY, id=signed["id"]))["signatureVerify"]
    assert verdict == {"isIntact": True, "isContentUnchanged": True}

"""The process map: its tree, and what is about a process."""

from typing import Any

from tests.company import Client, Company, texts
from tests.evidence import unchanged

FACTS = """code name kind inputs outputs version viewerCanUpdate owner { id } department { code }
    parent { code } children { nodes { code } }"""


async def create(api: Client, code: str, **facts: Any) -> str:
    """Create a process and return its id."""
    arguments = {"code": code, "name": f"Process {code}", "kind": "CORE", **facts}
    payload = await api.do("processCreate", "process { id }", **arguments)
    assert payload["errors"] == []
    id: str = payload["process"]["id"]
    return id


async def owner_and_department(api: Client, company: Company) -> dict[str, str]:
    """Return the ids of an owner and of a department."""
    unit = await api.do("departmentCreate", "department { id }", code="BUY", name="Buying")
    return {"ownerId": company.owner.id, "departmentId": unit["department"]["id"]}


async def test_a_process_shows_what_was_written(api: Client, company: Company) -> None:
    written = {"code": "P1", "name": "Buy", "kind": "SUPPORT", "inputs": "A", "outputs": "B"}
    relations = {"parentId": await create(api, "TOP")} | await owner_and_department(api, company)
    created = await api.do("processCreate", f"process {{ {FACTS} }}", **written | relations)
    assert created["process"] == written | {
        "version": 1,
        "viewerCanUpdate": True,
        "owner": {"id": company.owner.id},
        "department": {"code": "BUY"},
        "parent": {"code": "TOP"},
        "children": {"nodes": []},
    }


async def test_a_process_is_not_part_of_itself(api: Client, company: Company) -> None:
    top = await create(api, "TOP")
    middle = await create(api, "MID", parentId=top)
    leaf = await create(api, "LEAF", parentId=middle)
    async with unchanged(company):
        for below in (top, middle, leaf):
            payload = await api.do("processUpdate", id=top, expectedVersion=1, parentId=below)
            assert [error["path"] for error in payload["errors"]] == [["parentId"]]


async def test_findings_are_found_by_their_process(api: Client) -> None:
    finding = {"grade": "MINOR", "sourceType": "PROCESS", "title": "Late"}
    await api.do("findingCreate", processId=await create(api, "BUY"), **finding)
    document = "query ($f: FindingFilter) { findings(filter: $f) { nodes { process { code } } } }"
    for code, processes in (("BUY", [{"process": {"code": "BUY"}}]), ("SELL", [])):
        answer = await api.ask(document, f={"process": {"code": {"eq": code}}})
        assert answer["findings"]["nodes"] == processes


async def test_the_map_takes_the_same_statements_however_long(
    api: Client, company: Company
) -> None:
    document = """{ processes(first: 100) { nodes { code owner { name } department { code }
        parent { code } children { totalCount nodes { code } } } } }"""
    counts, parent, relations = [], None, await owner_and_department(api, company)
    for size in (2, 25):
        for number in range(size):
            parent = await create(api, f"{size}-{number}", **relations, parentId=parent)
        nodes = (await api.ask(document))["processes"]["nodes"]
        counts.append(len(api.statements))
    assert counts[0] == counts[1]
    by_number = [f"{size}-{number}" for size in (2, 25) for number in range(size)]
    assert texts(nodes, "code") == by_number

"""The process map: who writes it, who reads it, and what is about a process."""

from typing import Any

import pytest

from qgp.kit.policy import QUALITY, Role
from tests.company import Client, Company, Hiring, texts
from tests.evidence import trail_length, unchanged

FACTS = """code name kind inputs outputs version viewerCanUpdate owner { id } department { code }
    parent { code } children { nodes { code } }"""
NEW = {"code": "P1", "name": "Purchasing", "kind": "SUPPORT"}


async def create(api: Client, code: str, **facts: Any) -> str:
    """Add a process and return its id."""
    given = {"code": code, "name": f"Process {code}", "kind": "CORE", **facts}
    payload = await api.do("processCreate", "process { id }", **given)
    assert payload["errors"] == []
    id: str = payload["process"]["id"]
    return id


async def test_a_process_is_added_and_changed(api: Client, company: Company) -> None:
    top = await create(api, "TOP")
    unit = await api.do("departmentCreate", "department { id }", code="BUY", name="Buying")
    length = await trail_length(company)
    where = {"ownerId": company.owner.id, "departmentId": unit["department"]["id"]}
    told = {"inputs": "A need.", "outputs": "An order."}
    made = await api.do(
        "processCreate",
        f"process {{ id {FACTS} }} processEdge {{ node {{ code }} }}",
        **NEW,
        **where,
        **told,
        parentId=top,
    )
    id = made["process"].pop("id")
    facts = {**NEW, **told, "version": 1, "viewerCanUpdate": True, "children": {"nodes": []}}
    shown = {"owner": {"id": company.owner.id}, "department": {"code": "BUY"}}
    assert made == {
        "process": {**facts, **shown, "parent": {"code": "TOP"}},
        "processEdge": {"node": {"code": "P1"}},
        "errors": [],
    }
    cleared = {"inputs": None, "ownerId": None, "parentId": None, "kind": "MANAGEMENT"}
    changed = await api.do(
        "processUpdate", f"process {{ {FACTS} }}", id=id, expectedVersion=1, **cleared
    )
    assert changed["process"] == {
        **facts,
        **shown,
        "version": 2,
        "kind": "MANAGEMENT",
        "inputs": None,
        "owner": None,
        "parent": None,
    }
    assert await trail_length(company) == length + 2


async def test_processes_are_found_filtered_and_ordered(api: Client, company: Company) -> None:
    unit = await api.do("departmentCreate", "department { id }", code="BUY", name="Buying")
    ids = {"B": await create(api, "B", kind="SUPPORT", ownerId=company.owner.id)}
    ids["C"] = await create(api, "C", parentId=ids["B"], name="Assembly")
    ids["A"] = await create(api, "A", departmentId=unit["department"]["id"])
    for by in ({"id": ids["A"]}, {"code": "A"}):
        asked = "query ($by: ProcessBy!) { process(by: $by) { id } }"
        assert await api.ask(asked, by=by) == {"process": {"id": ids["A"]}}
    asked = """query ($filter: ProcessFilter, $orderBy: [ProcessOrder!]) {
        processes(filter: $filter, orderBy: $orderBy) { totalCount nodes { code } } }"""
    cases: list[tuple[Any, str]] = [
        ({}, "ABC"),
        ({"code": {"in": ["C", "B"]}}, "BC"),
        ({"name": {"startsWith": "Ass"}}, "C"),
        ({"kind": {"eq": "SUPPORT"}}, "B"),
        ({"ownerId": {"eq": company.owner.id}}, "B"),
        ({"departmentId": {"isNull": False}}, "A"),
        ({"department": {"code": {"eq": "BUY"}}}, "A"),
        ({"parentId": {"isNull": True}}, "AB"),
    ]
    for filter, codes in cases:
        found = (await api.ask(asked, filter=filter))["processes"]
        assert (found["totalCount"], texts(found["nodes"], "code")) == (len(codes), [*codes])
    order = [{"field": "NAME", "direction": "DESC"}]
    assert texts((await api.ask(asked, orderBy=order))["processes"]["nodes"], "code") == [*"BAC"]


async def test_a_process_is_not_part_of_itself(api: Client, company: Company) -> None:
    top = await create(api, "TOP")
    middle = await create(api, "MID", parentId=top)
    leaf = await create(api, "LEAF", parentId=middle)
    for below in (top, middle, leaf):
        async with unchanged(company):
            payload = await api.do("processUpdate", id=top, expectedVersion=1, parentId=below)
            assert [error["path"] for error in payload["errors"]] == [["parentId"]]


@pytest.mark.parametrize(
    ("act", "given", "code", "path"),
    [
        ("Create", {"code": "A"}, "ALREADY_EXISTS", "code"),
        ("Create", {"code": " "}, "REQUIRED", "code"),
        ("Create", {"parentId": "{missing}"}, "NOT_FOUND", "parentId"),
        ("Create", {"ownerId": "usr_" + "0" * 32}, "NOT_FOUND", "ownerId"),
        ("Create", {"departmentId": "usr_" + "0" * 32}, "BAD_USER_INPUT", "departmentId"),
        ("Update", {"code": "B"}, "ALREADY_EXISTS", "code"),
        ("Update", {"name": None}, "REQUIRED", "name"),
        ("Update", {"id": "{missing}"}, "NOT_FOUND", "id"),
        ("Update", {"expectedVersion": 2}, "STALE_VERSION", "expectedVersion"),
    ],
)
async def test_a_wrong_process_changes_nothing(
    api: Client, company: Company, act: str, given: dict[str, Any], code: str, path: str
) -> None:
    own, _ = await create(api, "A"), await create(api, "B")
    plain = NEW if act == "Create" else {"id": own, "expectedVersion": 1}
    missing = own[:4] + "0" * 32
    filled = {k: v.format(missing=missing) if isinstance(v, str) else v for k, v in given.items()}
    async with unchanged(company):
        errors = (await api.do(f"process{act}", **{**plain, **filled}))["errors"]
    assert [(error["code"], error["path"]) for error in errors] == [(code, [path])]


async def test_the_same_key_adds_one_process(api: Client, company: Company) -> None:
    given = {**NEW, "idempotencyKey": "once"}
    first = await api.do("processCreate", "process { id }", **given)
    async with unchanged(company):
        assert await api.do("processCreate", "process { id }", **given) == first
        other = await api.do("processCreate", **{**given, "code": "B"})
        assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


@pytest.mark.parametrize("role", Role)
async def test_members_read_and_quality_writes(api: Client, company: Company, role: Role) -> None:
    id = await create(api, "A")
    create_one = (
        "mutation ($i: ProcessCreateInput!) { processCreate(input: $i) { errors { code } } }"
    )
    change_one = (
        "mutation ($i: ProcessUpdateInput!) { processUpdate(input: $i) { errors { code } } }"
    )
    update = {"id": id, "expectedVersion": 1, "name": "Other"}
    async with (await company.hire(role)).signed_in() as person:
        if role is Role.SUPPLIER_CONTACT:
            assert await person.refusal("{ processes { totalCount } }") == "FORBIDDEN"
        else:
            read = await person.ask("{ processes { nodes { code viewerCanUpdate } } }")
            assert read["processes"]["nodes"] == [{"code": "A", "viewerCanUpdate": role in QUALITY}]
        if role in QUALITY:
            assert (await person.ask(create_one, i=NEW))["processCreate"] == {"errors": []}
            assert (await person.ask(change_one, i=update))["processUpdate"] == {"errors": []}
            return
        async with unchanged(company):
            assert await person.refusal(create_one, i=NEW) == "FORBIDDEN"
            assert await person.refusal(change_one, i=update) == "FORBIDDEN"


async def test_another_organization_sees_nothing(api: Client, hire: Hiring) -> None:
    id = await create(api, "A")
    async with (await hire.company()).owner.signed_in() as other:
        assert await other.ask('{ process(by: {code: "A"}) { id } }') == {"process": None}
        assert (await other.do("processUpdate", id=id, expectedVersion=1))["errors"][0][
            "code"
        ] == "NOT_FOUND"
        payload = await other.do("processCreate", **NEW, parentId=id)
        assert payload["errors"][0]["code"] == "NOT_FOUND"


async def test_findings_and_capas_are_about_a_process(api: Client) -> None:
    id = await create(api, "BUY")
    other = await create(api, "SELL")
    finding = {"grade": "MINOR", "sourceType": "PROCESS", "title": "Late", "processId": id}
    capa = {"title": "Late", "problemStatement": "Late.", "dueOn": "2027-01-01", "processId": id}
    made = {
        "finding": (await api.do("findingCreate", "finding { id }", **finding))["finding"]["id"],
        "capa": (await api.do("capaCreate", "capa { id }", **capa))["capa"]["id"],
    }
    for kind, shown in made.items():
        title = kind.title()
        asked = f"""query ($f: {title}Filter) {{
            {kind}s(filter: $f) {{ nodes {{ id process {{ code }} }} }} }}"""
        expected = {f"{kind}s": {"nodes": [{"id": shown, "process": {"code": "BUY"}}]}}
        for filter in ({"processId": {"eq": id}}, {"process": {"code": {"eq": "BUY"}}}):
            assert await api.ask(asked, f=filter) == expected
        nothing = {"processId": {"eq": other}}
        assert await api.ask(asked, f=nothing) == {f"{kind}s": {"nodes": []}}
        changed = await api.do(
            f"{kind}Update",
            f"{kind} {{ process {{ code }} }}",
            id=shown,
            expectedVersion=1,
            processId=other,
        )
        assert changed == {kind: {"process": {"code": "SELL"}}, "errors": []}


async def test_reading_the_map_takes_the_same_statements_however_long(
    api: Client, company: Company
) -> None:
    asked = """{ processes(first: 100) { nodes { code owner { name } department { code }
        parent { code } children { totalCount nodes { code } } } } }"""
    unit = await api.do("departmentCreate", "department { id }", code="BUY", name="Buying")
    where = {"ownerId": company.owner.id, "departmentId": unit["department"]["id"]}
    counts = []
    parent = None
    for size in (2, 25):
        for number in range(size):
            parent = await create(api, f"{size}-{number}", **where, parentId=parent)
        await api.ask(asked)
        counts.append(len(api.statements))
    assert counts[0] == counts[1]

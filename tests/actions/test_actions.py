"""Actions: handing out, changing, who sees and may do what, registers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from qgp.actions import policy
from qgp.kit.policy import Role
from tests.actions.action_commands import (
    DUE,
    FORBIDDEN,
    attempt,
    audit,
    capa,
    finding,
    go,
    hand_out,
    show,
)
from tests.company import Client, Company, Hiring, Person, texts
from tests.evidence import trail_length, unchanged
from tests.matrix import role_cases

FACTS = """reference title description kind priority status dueOn originalDueOn progress position
    isVerificationRequired completedAt completionNote verifiedAt version
    owner { id } completedBy { id } verifiedBy { id } finding { id } capa { id }
    audit { id } prerequisites { id } dependents { id } dueDateChanges { totalCount }
    viewerCanUpdate viewerCanReassign viewerCanReschedule"""
LISTED = """query ($filter: ActionFilter, $orderBy: [ActionOrder!]) {
    actions(filter: $filter, orderBy: $orderBy, first: 100) { totalCount nodes { id title } } }"""
MINE = "{ myActions { totalCount nodes { title } edges { cursor } } }"


@pytest.fixture
async def eve(company: Company) -> Person:
    """An employee."""
    return await company.hire(Role.EMPLOYEE)


@pytest.fixture
async def client_of_eve(eve: Person) -> AsyncIterator[Client]:
    """The client in which Eve is signed in."""
    async with eve.signed_in() as client:
        yield client


async def test_an_action_returns_every_field_that_was_sent(
    api: Client, company: Company, eve: Person
) -> None:
    cause = await finding(company)
    length = await trail_length(company)
    payload = await api.do(
        "actionCreate",
        f"action {{ id {FACTS} }} actionEdge {{ cursor node {{ title }} }}",
        title=" Change the filter ",
        description="In hall 2.",
        kind="CONTAINMENT",
        priority="CRITICAL",
        ownerId=eve.id,
        dueOn=DUE,
        findingId=cause.public_id,
        isVerificationRequired=True,
        position=3,
    )
    assert payload["errors"] == []
    assert payload["actionEdge"]["node"] == {"title": "Change the filter"}
    action = payload["action"]
    assert action.pop("id").startswith("act_")
    assert action.pop("reference").startswith("ACT-2")
    may = dict.fromkeys(("viewerCanUpdate", "viewerCanReassign", "viewerCanReschedule"), True)
    nothing = dict.fromkeys(
        (
            *("completedAt", "completionNote", "verifiedAt", "completedBy", "verifiedBy"),
            *("capa", "audit"),
        )
    )
    assert action == {
        "title": "Change the filter",
        "description": "In hall 2.",
        "kind": "CONTAINMENT",
        "priority": "CRITICAL",
        "status": "TODO",
        "dueOn": DUE,
        "originalDueOn": DUE,
        "progress": 0,
        "position": 3,
        "isVerificationRequired": True,
        "version": 1,
        "owner": {"id": eve.id},
        "finding": {"id": cause.public_id},
        "prerequisites": [],
        "dependents": [],
        "dueDateChanges": {"totalCount": 0},
        **may,
        **nothing,
    }
    assert await trail_length(company) == length + 1


async def test_the_inbox_holds_what_every_parent_asks_for(
    api: Client, company: Company, eve: Person
) -> None:
    cause, plan, walk = await finding(company), await capa(company), await audit(company)
    parents = {"findingId": cause, "capaId": plan, "auditId": walk}
    created = [await hand_out(api, eve.id, **{k: v.public_id}) for k, v in parents.items()]
    created.append(await hand_out(api, eve.id))
    await hand_out(api, company.owner.id)
    async with eve.signed_in() as client_of_eve:
        inbox = (await client_of_eve.ask("{ myActions(first: 10) { nodes { id } } }"))["myActions"]
    assert {row["id"] for row in inbox["nodes"]} == {*created}


async def test_an_action_follows_from_one_thing_at_most(api: Client, company: Company) -> None:
    cause, plan, walk = await finding(company), await capa(company), await audit(company)
    id = await hand_out(api, company.owner.id, auditId=walk.public_id)
    parents = "capa { id } finding { id } audit { id }"
    record = await show(api, id, f"{parents} priority isVerificationRequired")
    assert record == {
        "audit": {"id": walk.public_id},
        "capa": None,
        "finding": None,
        "priority": "MEDIUM",
        "isVerificationRequired": False,
    }
    values = {"title": "x", "kind": "CORRECTION", "ownerId": company.owner.id, "dueOn": DUE}
    both = {"findingId": cause.public_id, "capaId": plan.public_id}
    other = {"capaId": plan.public_id, "auditId": walk.public_id}
    for several in (both, other):
        async with unchanged(company):
            payload = await api.do("actionCreate", **values, **several)
        errors = [(e["code"], e["path"]) for e in payload["errors"]]
        assert errors == [("BAD_USER_INPUT", ["capaId"])]
    listed = "audit(by: {id: $id}) { actions(first: 5) { totalCount nodes { id } } }"
    shown = await api.ask(f"query ($id: ID!) {{ {listed} }}", id=walk.public_id)
    assert shown["audit"]["actions"] == {"totalCount": 1, "nodes": [{"id": id}]}


async def test_references_count_up(api: Client, company: Company) -> None:
    ids = [await hand_out(api, company.owner.id) for _ in range(2)]
    references = [await show(api, id, "reference") for id in ids]
    assert [reference[-5:] for reference in references] == ["-0001", "-0002"]
    document = "query ($r: String!) { action(by: {reference: $r}) { id } }"
    data = await api.ask(document, r=references[1])
    assert data["action"]["id"] == ids[1]


async def test_what_is_to_be_done_changes_while_it_is_open(api: Client, company: Company) -> None:
    id = await hand_out(api, company.owner.id, description="x")
    changes: dict[str, Any] = {"title": "New", "description": None, "kind": "PREVENTIVE"}
    changes["priority"] = "LOW"
    changes |= {"progress": 40, "isVerificationRequired": True, "position": 2}
    payload = await api.do(
        "actionUpdate",
        f"action {{ version {' '.join(changes)} }}",
        id=id,
        expectedVersion=1,
        **changes,
    )
    assert payload == {"action": {"version": 2, **changes}, "errors": []}
    version = await go(api, id, "actionCancel")
    async with unchanged(company):
        assert await attempt(api, "actionUpdate", id, version, title="x") == ["BAD_USER_INPUT"]
        assert await attempt(api, "actionReportProgress", id, version, progress=1) == [
            "BAD_USER_INPUT"
        ]


@pytest.mark.parametrize("progress", [-1, 101, 2**31 - 1])
async def test_progress_is_a_share(api: Client, company: Company, progress: int) -> None:
    id = await hand_out(api, company.owner.id)
    async with unchanged(company):
        for mutation in ("actionUpdate", "actionReportProgress"):
            payload = await api.do(mutation, id=id, expectedVersion=1, progress=progress)
            errors = [(e["code"], e["path"]) for e in payload["errors"]]
            assert errors == [("OUT_OF_RANGE", ["progress"])]


async def test_its_owner_alone_reports_progress(
    api: Client, client_of_eve: Client, company: Company, eve: Person
) -> None:
    id = await hand_out(api, eve.id)
    async with unchanged(company):
        assert await attempt(api, "actionReportProgress", id, 1, progress=50) == FORBIDDEN
    assert await attempt(client_of_eve, "actionReportProgress", id, 1, progress=50) == []
    assert await show(api, id, "progress") == 50


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_roles_hand_out_as_the_matrix_says(api: Client, company: Company, role: Role) -> None:
    person = await company.hire(role)
    values = {"title": "x", "kind": "CORRECTION", "ownerId": company.owner.id, "dueOn": DUE}
    document = "mutation ($i: ActionCreateInput!) { actionCreate(input: $i) { errors { code } } }"
    async with person.signed_in() as asking:
        answer = await asking.send(document, i=values)
    assert ("errors" not in answer) == (role in policy.CREATE.roles)


MANAGED: dict[str, dict[str, Any]] = {
    "actionUpdate": {"title": "x"},
    "actionReassign": {"reason": "x"},
    "actionReschedule": {"newDueOn": "2028-01-01", "reason": "x"},
    "actionDependencyAdd": {},
    "actionDependencyRemove": {},
}


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_what_the_viewer_can_is_what_happens(
    api: Client, company: Company, role: Role
) -> None:
    person, other = await company.hire(role), await hand_out(api, company.owner.id)
    heir = await company.hire(Role.AUDITOR)
    async with person.signed_in() as asking:
        for mutation, values in MANAGED.items():
            id = await hand_out(api, company.owner.id)
            more = {"ownerId": heir.id} if mutation == "actionReassign" else {}
            if "Dependency" in mutation:
                more = {"prerequisiteId": other}
            if mutation.endswith("Remove"):
                assert await attempt(api, "actionDependencyAdd", id, 1, **more) == []
            can = f"viewerCan{mutation.removeprefix('action')}"
            if can[9:] in {"Update", "Reassign", "Reschedule"} and role in policy.MANAGE.roles:
                assert await show(asking, id, can) is True
            done = await attempt(asking, mutation, id, 1, **values, **more)
            assert done == ([] if role in policy.MANAGE.roles else FORBIDDEN), mutation


async def test_an_employee_sees_what_is_theirs(
    api: Client, client_of_eve: Client, company: Company, eve: Person
) -> None:
    own_record, foreign = (
        await hand_out(api, eve.id, title="Own"),
        await hand_out(api, company.owner.id),
    )
    assert await attempt(api, "actionDependencyAdd", own_record, 1, prerequisiteId=foreign) == []
    actions = (await client_of_eve.ask(LISTED))["actions"]
    assert (actions["totalCount"], texts(actions["nodes"], "title")) == (1, ["Own"])
    assert await show(client_of_eve, foreign, "title") is None
    assert await show(client_of_eve, own_record, "prerequisites { id } viewerCanUpdate") == {
        "prerequisites": [],
        "viewerCanUpdate": False,
    }
    payload = await client_of_eve.do(
        "actionStart", "action { id }", id=own_record, expectedVersion=1
    )
    ((error,), shown) = payload["errors"], payload["action"]
    assert error["blockers"] == [
        {
            "code": "DEPENDENCIES_DONE",
            "message": "A record that is hidden from you blocks this (DEPENDENCIES_DONE). "
            "Ask somebody who is QUALITY_MANAGER, ADMIN or OWNER.",
            "subject": None,
        }
    ]
    assert shown == {"id": own_record}
    async with unchanged(company):
        for mutation in ("actionStart", "actionUnblock"):
            assert await attempt(client_of_eve, mutation, foreign, 1) == ["NOT_FOUND"]
        assert await attempt(client_of_eve, "actionReportProgress", foreign, 99, progress=1) == [
            "NOT_FOUND"
        ]


async def test_a_supplier_sees_nothing(api: Client, company: Company) -> None:
    id = await hand_out(api, company.owner.id)
    contact = await company.hire(Role.SUPPLIER_CONTACT)
    async with contact.signed_in() as asking:
        for document in ("{ actions { totalCount } }", "{ myActions { totalCount } }"):
            assert await asking.refusal(document) == "FORBIDDEN"
        data = await asking.ask("query ($id: ID!) { node(id: $id) { id } }", id=id)
        assert data == {"node": None}


@pytest.mark.parametrize("role", [Role.SUPPLIER_CONTACT, Role.EXTERNAL_AUDITOR])
async def test_an_owner_can_work_on_it(api: Client, company: Company, role: Role) -> None:
    person = await company.hire(role)
    id = await hand_out(api, company.owner.id)
    values = {"ownerId": person.id, "reason": "x"}
    async with unchanged(company):
        assert await attempt(api, "actionReassign", id, 1, **values) == ["BAD_USER_INPUT"]


async def test_a_new_owner_takes_over(
    api: Client, client_of_eve: Client, company: Company, eve: Person
) -> None:
    id = await hand_out(api, company.owner.id)
    async with unchanged(company):
        same = {"ownerId": company.owner.id, "reason": "x"}
        assert await attempt(api, "actionReassign", id, 1, **same) == ["BAD_USER_INPUT"]
    values = {"ownerId": eve.id, "reason": "Holidays."}
    assert await attempt(api, "actionReassign", id, 1, **values) == []
    assert await attempt(client_of_eve, "actionStart", id, 2) == []
    done = await go(client_of_eve, id, "actionComplete")
    async with unchanged(company):
        back = {"ownerId": company.owner.id, "reason": "x"}
        assert await attempt(api, "actionReassign", id, done, **back) == ["BAD_USER_INPUT"]


async def test_the_register_filters_and_orders(api: Client, company: Company, eve: Person) -> None:
    ids = {}
    for title, priority, day, who in (
        ("A", "LOW", "2027-01-03", eve.id),
        ("B", "CRITICAL", "2027-01-01", eve.id),
        ("C", "HIGH", "2027-01-02", company.owner.id),
    ):
        facts = {"title": title, "priority": priority, "dueOn": day}
        if title == "A":
            facts["findingId"] = (await finding(company)).public_id
        ids[title] = await hand_out(api, who, **facts)
    await go(api, ids["C"], "actionStart")
    filters: tuple[tuple[dict[str, Any], str], ...] = (
        ({}, "BCA"),
        ({"ownerId": {"eq": eve.id}}, "BA"),
        ({"owner": {"role": {"eq": "EMPLOYEE"}}}, "BA"),
        ({"finding": {"title": {"eq": "Dirty filter"}}}, "A"),
        ({"status": {"eq": "IN_PROGRESS"}}, "C"),
        ({"dueOn": {"lt": "2027-01-03"}}, "BC"),
        ({"priority": {"in": ["LOW", "HIGH"]}}, "CA"),
        ({"title": {"contains": "b"}}, "B"),
        ({"completedAt": {"isNull": False}}, ""),
        ({"findingId": {"isNull": True}, "not": {"status": {"eq": "TODO"}}}, "C"),
    )
    for filter, titles in filters:
        actions = (await api.ask(LISTED, filter=filter))["actions"]
        assert (texts(actions["nodes"], "title"), actions["totalCount"]) == ([*titles], len(titles))
    for field, titles in (("PRIORITY", "ACB"), ("STATUS", "ABC"), ("TITLE", "ABC")):
        actions = await api.ask(LISTED, orderBy=[{"field": field, "direction": "ASC"}])
        assert texts(actions["actions"]["nodes"], "title") == [*titles]


async def test_everybody_has_an_inbox(
    api: Client, client_of_eve: Client, company: Company, eve: Person
) -> None:
    for title, day in (("Later", "2027-02-01"), ("Sooner", "2027-01-01"), ("Begun", "2027-03-01")):
        id = await hand_out(api, eve.id, title=title, dueOn=day)
    await go(client_of_eve, id, "actionStart")
    await hand_out(api, company.owner.id, title="Theirs")
    my_actions = (await client_of_eve.ask(MINE))["myActions"]
    assert texts(my_actions["nodes"], "title") == ["Begun", "Sooner", "Later"]
    assert my_actions["totalCount"] == 3
    assert len(client_of_eve.statements) <= 4
    assert texts((await api.ask(MINE))["myActions"]["nodes"], "title") == ["Theirs"]
    cursor = my_actions["edges"][0]["cursor"]
    other = "query ($a: String!) { actions(first: 1, after: $a) { totalCount } }"
    assert await client_of_eve.refusal(other, a=cursor) == "CURSOR_MISMATCH"
    further = "query ($a: String!) { myActions(first: 1, after: $a) { nodes { title } } }"
    page = await client_of_eve.ask(further, a=cursor)
    assert texts(page["myActions"]["nodes"], "title") == ["Sooner"]


async def test_an_inbox_begins_with_what_is_at_work(
    api: Client, client_of_eve: Client, company: Company, eve: Person
) -> None:
    ways = {
        "CANCELLED": ("actionCancel",),
        "VERIFIED": ("actionStart", "actionComplete", "actionVerify"),
        "DONE": ("actionStart", "actionComplete"),
        "TODO": (),
        "BLOCKED": ("actionStart", "actionBlock"),
        "IN_PROGRESS": ("actionStart",),
    }
    for title, steps in ways.items():
        id = await hand_out(api, eve.id, title=title)
        for step in steps:
            await go(client_of_eve if step == "actionComplete" else api, id, step)
    rows = (await client_of_eve.ask(MINE))["myActions"]["nodes"]
    assert [node["title"] for node in rows] == [*reversed(ways)]


async def test_another_organization_is_out_of_reach(
    api: Client, company: Company, hire: Hiring
) -> None:
    abroad = await hire.company()
    async with abroad.owner.signed_in() as theirs:
        id = await hand_out(theirs, abroad.owner.id)
    assert await show(api, id, "title") is None
    async with unchanged(abroad):
        assert await attempt(api, "actionStart", id, 1) == ["NOT_FOUND"]


SHAPES = {
    "register": "title owner { name } completedBy { name } verifiedBy { name } createdBy { name }",
    "parents": "reference finding { reference } capa { reference } audit { title } viewerCanUpdate",
    "prerequisites": "prerequisites { title }",
    "dependents": "dependents { title }",
    "moves": "dueDateChanges(first: 5) { totalCount nodes { reason createdBy { name } } }",
    "steps": "availableTransitions { name isAllowed }",
}


async def test_statements_do_not_grow_with_the_rows(api: Client, company: Company) -> None:
    counts: dict[str, list[int]] = {}
    created: list[str] = []
    cause, walk = await finding(company), await audit(company)
    parents = ({"findingId": cause.public_id}, {"auditId": walk.public_id})
    for rows in (2, 12):
        while len(created) < rows:
            created.append(await hand_out(api, company.owner.id, **parents[len(created) % 2]))
            if len(created) % 2 == 0:
                values = {"prerequisiteId": created[-2]}
                assert await attempt(api, "actionDependencyAdd", created[-1], 1, **values) == []
                moved = {"newDueOn": "2028-01-01", "reason": "x"}
                assert await attempt(api, "actionReschedule", created[-1], 1, **moved) == []
        for root in ("actions", "myActions"):
            for name, shape in SHAPES.items():
                data = await api.ask(f"{{ {root}(first: 60) {{ nodes {{ {shape} }} }} }}")
                assert len(data[root]["nodes"]) == rows
                counts.setdefault(f"{root} {name}", []).append(len(api.statements))
    assert {name: item for name, item in counts.items() if item[0] != item[1]} == {}

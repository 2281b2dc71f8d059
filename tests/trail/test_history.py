"""Every record tells how it came to be what it is, to whoever sees it."""

from datetime import timedelta
from typing import Any

import pytest

from qgp.kit import clock
from qgp.kit.clock import print_instant
from qgp.kit.gql import field_changes
from qgp.kit.gql.fields import TYPES
from qgp.kit.model import records
from qgp.kit.policy import Role
from qgp.kit.visibility import NODES
from qgp.users.model import User
from tests.company import Client, Company, Person, texts
from tests.findings.finding_commands import FindingCommands, at, done, read
from tests.kit.built import OWN_TYPES
from tests.kit.work import work_of
from tests.matrix import role_cases

HISTORY = """history { totalCount nodes { recordVersion action reason actor { id }
    changes { field before after } } }"""
TRAIL = """query ($filter: TrailEntryFilter, $orderBy: [TrailEntryOrder!], $first: Int) {
    trail(filter: $filter, orderBy: $orderBy, first: $first) { totalCount nodes { sequence
        action kind recordReference record { id } changes { field before after } } } }"""
AS_OF = """query ($id: ID!, $at: DateTime!) { asOf(recordId: $id, at: $at) {
    kind version recordReference record { id } fields { field value } } }"""


def test_every_kind_of_record_has_a_history_under_its_own_name() -> None:
    named: Any = OWN_TYPES["RecordKind"]
    assert {value.value for value in named.values.values()} == set(records())
    for model, kind in TYPES.items():
        assert "history" in OWN_TYPES[kind.__name__].fields  # type: ignore[attr-defined]  # an object
        assert field_changes.fields_of(model.__tablename__), kind
    assert {loader.model for loader in NODES.values()} == set(records().values())


async def test_a_history_tells_each_field_before_and_after(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    created = await finding_commands.write(grade="MINOR", severity=3)
    changed = await done(
        api, "findingUpdate", **at(created, severity=None, ownerId=company.owner.id)
    )
    why = {"grade": "MAJOR", "reason": "It is all over the plant."}
    await done(api, "findingRegrade", **at(changed["finding"], **why))
    history = (await read(api, created, HISTORY))["history"]
    assert history["totalCount"] == 4
    first, _, second, third = history["nodes"]
    facts = {change["field"]: change["after"] for change in first["changes"]}
    assert {change["before"] for change in first["changes"]} == {None}
    assert facts == {
        "reference": created["reference"],
        "grade": "MINOR",
        "sourceType": "AUDIT",
        "status": "DRAFT",
        "title": "Gauges without a label",
        "statement": "Three gauges in use show no date of calibration.",
        "evidenceText": "Gauges 4, 7 and 9, seen in the lab.",
        "severity": "3",
        "detectedOn": str(clock.today()),
        "detectedBy": company.owner.id,
        "isSystemic": "false",
        "reopenCount": "0",
        "owner": finding_commands.ids["owner"],
    }
    me = {"id": company.owner.id}
    assert second == {
        "recordVersion": 2,
        "action": "findingUpdate",
        "reason": None,
        "actor": me,
        "changes": [
            {"field": "severity", "before": "3", "after": None},
            {"field": "owner", "before": finding_commands.ids["owner"], "after": company.owner.id},
        ],
    }
    assert (third["action"], third["reason"]) == ("findingRegrade", "It is all over the plant.")
    assert third["changes"] == [{"field": "grade", "before": "MINOR", "after": "MAJOR"}]


async def test_a_history_omits_columns_that_no_field_shows(company: Company, api: Client) -> None:
    """Accounts, and what tells one sign-in from the next, are nobody's business."""
    async with work_of(company) as work:
        row = await work.get(User, company.owner.user_id)
        await work.change(row, {"access_version": 2})
    history = "history { nodes { changes { field } } }"
    document = f"query ($id: ID!) {{ user(by: {{id: $id}}) {{ {history} }} }}"
    async with company.owner.signed_in() as again:
        assert await again.refusal(document, id=company.owner.id) == "UNAUTHENTICATED"
    other = await company.hire(Role.ADMIN)
    async with other.signed_in() as admin:
        nodes = (await admin.ask(document, id=company.owner.id))["user"]["history"]["nodes"]
    fields = [texts(node["changes"], "field") for node in nodes]
    assert fields == [["name", "email", "role", "status"], []]


async def test_a_history_formats_an_instant_like_the_record(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.walk("findingOpen", "findingRecordContainment")
    shown = await read(
        api, finding, "containedAt history(last: 1) { nodes { changes { field before after } } }"
    )
    (last,) = shown["history"]["nodes"]
    values = {change["field"]: change["after"] for change in last["changes"]}
    assert values["containedAt"] == shown["containedAt"]
    assert values["containedBy"] == company.owner.id


async def test_who_sees_a_record_sees_its_history_and_nobody_else(
    api: Client, company: Company, finding_commands: FindingCommands, employee: Person
) -> None:
    own_record, hidden = (
        await finding_commands.write(),
        await finding_commands.write(ownerId=company.owner.id),
    )
    async with employee.signed_in() as client:
        assert (await read(client, own_record, HISTORY))["history"]["totalCount"] == 2
        assert await read(client, hidden, HISTORY) is None
        now = print_instant(clock.now())
        assert (await client.ask(AS_OF, id=own_record["id"], at=now))["asOf"]["version"] == 1
        assert await client.ask(AS_OF, id=hidden["id"], at=now) == {"asOf": None}
        document = f'{{ node(id: "{own_record["id"]}") {{ ... on Finding {{ {HISTORY} }} }} }}'
        assert (await client.ask(document))["node"]["history"]["totalCount"] == 2


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_who_reads_the_whole_trail(company: Company, role: Role) -> None:
    readers = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER, Role.LEAD_AUDITOR}
    async with (await company.hire(role)).signed_in() as api:
        for document, allowed in (
            ("{ trail { totalCount } }", role in readers),
            ("{ trailVerify { isIntact } }", role in readers - {Role.LEAD_AUDITOR}),
        ):
            answer = await api.send(document)
            codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
            assert codes == ([] if allowed else ["FORBIDDEN"]), document


async def test_the_trail_is_found_by_record_kind_person_deed_time_and_request(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    before = print_instant(clock.now())
    finding = await finding_commands.walk("findingOpen")
    whole = (await api.ask(TRAIL, first=100))["trail"]
    assert texts(whole["nodes"], "sequence") == [*range(1, whole["totalCount"] + 1)]
    expected: tuple[tuple[dict[str, Any], list[str]], ...] = (
        ({"recordId": {"eq": finding["id"]}}, ["findingCreate", "findingOpen"]),
        ({"kind": {"eq": "FINDING"}}, ["findingCreate", "findingOpen"]),
        ({"kind": {"eq": "FINDING_CLAUSE"}}, ["findingCreate"]),
        ({"action": {"eq": "findingOpen"}}, ["findingOpen"]),
        ({"changedAt": {"gte": before}}, ["findingCreate", "findingCreate", "findingOpen"]),
        ({"actorId": {"eq": finding_commands.ids["owner"]}}, []),
        ({"requestId": {"eq": "none of mine"}}, []),
        ({"kind": {"in": ["FINDING"]}, "actorId": {"eq": company.owner.id}},
         ["findingCreate", "findingOpen"]),
    )  # fmt: skip
    for filter, actions in expected:
        trail = (await api.ask(TRAIL, filter=filter))["trail"]
        assert texts(trail["nodes"], "action") == actions, filter
        assert trail["totalCount"] == len(actions)
    newest = [{"field": "CHANGED_AT", "direction": "DESC"}]
    (last,) = (await api.ask(TRAIL, orderBy=newest, first=1))["trail"]["nodes"]
    assert (last["action"], last["kind"]) == ("findingOpen", "FINDING")
    assert last["recordReference"] == finding["reference"]
    assert last["record"] == {"id": finding["id"]}


async def test_a_history_names_deleted_records(api: Client, company: Company) -> None:
    capa = await done(api, "capaCreate", "capa { id }", title="x", problemStatement="x",
                      kind="CORRECTIVE", priority="LOW", dueOn="2030-01-01")  # fmt: skip
    values = {"capaId": capa["capa"]["id"], "method": "FIVE_WHYS"}
    payload = await done(api, "rootCauseAnalysisCreate", "rootCauseAnalysis { id }", **values)
    analysis = payload["rootCauseAnalysis"]["id"]
    node = {"analysisId": analysis, "kind": "WHY", "text": "Why?"}
    cause = (await done(api, "causeNodeCreate", "causeNode { id version }", **node))["causeNode"]
    await done(api, "causeNodeDelete", "deletedId", **at(cause))
    rows = (await api.ask(TRAIL, filter={"recordId": {"eq": cause["id"]}}))["trail"]["nodes"]
    assert texts(rows, "record") == [None, None]
    assert rows[-1]["changes"] == [
        {"field": "kind", "before": "WHY", "after": None},
        {"field": "text", "before": "Why?", "after": None},
        {"field": "isRoot", "before": "false", "after": None},
        {"field": "position", "before": "0", "after": None},
        {"field": "analysis", "before": analysis, "after": None},
        {"field": "isDeleted", "before": "false", "after": "true"},
    ]
    now = print_instant(clock.now())
    assert await api.ask(AS_OF, id=cause["id"], at=now) == {"asOf": None}


async def test_a_history_shows_the_subject_by_its_id(
    api: Client, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.write()
    values = {"subjectId": finding["id"], "body": "Who has the labels?"}
    comment = (await done(api, "commentCreate", "comment { id }", **values))["comment"]
    (entry,) = (await api.ask(TRAIL, filter={"recordId": {"eq": comment["id"]}}))["trail"]["nodes"]
    assert {c["field"]: c["after"] for c in entry["changes"]} == {
        "body": "Who has the labels?",
        "visibility": "INTERNAL",
        "subject": finding["id"],
    }
    past = (await api.ask(AS_OF, id=comment["id"], at="2199-12-31T00:00:00Z"))["asOf"]
    assert {"field": "subject", "value": finding["id"]} in past["fields"]


async def test_a_record_is_shown_as_it_stood(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    before = clock.now()
    finding = await finding_commands.write()
    drafted = clock.now()
    await finding_commands.step(finding, "findingOpen")
    document = AS_OF
    gone = await api.ask(
        document, id=finding["id"], at=print_instant(before - timedelta(seconds=1))
    )
    assert gone == {"asOf": None}
    then = (await api.ask(document, id=finding["id"], at=print_instant(drafted)))["asOf"]
    now = (await api.ask(document, id=finding["id"], at=print_instant(clock.now())))["asOf"]
    assert (then["kind"], then["version"], now["version"]) == ("FINDING", 1, 2)
    assert (now["recordReference"], now["record"]) == (finding["reference"], {"id": finding["id"]})
    values = [{f["field"]: f["value"] for f in past["fields"]} for past in (then, now)]
    assert [value["status"] for value in values] == ["DRAFT", "OPEN"]
    assert [value["openedOn"] for value in values] == [None, str(clock.today())]
    shown = await read(api, finding, "title statement openedOn closureDueOn")
    assert {name: values[1][name] for name in shown} == shown
    assert not values[1].keys() & {"version", "createdAt", "createdBy", "updatedAt", "updatedBy"}


SHAPES = (
    """{ trail(first: %d) { totalCount nodes { actor { name } record { id } recordReference
        changes { field } } } }""",
    """{ findings(first: %d) { nodes { reference history(first: 5) { totalCount nodes {
        action actor { name } changes { after } record { id } } } } } }""",
    """{ findings(first: 1) { nodes { history(first: %d) { nodes { action actor { name } recordName
        changes { after afterName } record { id } } } } } }""",
)


async def test_statements_do_not_grow_with_the_entries(
    api: Client, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.write()
    for turn in range(20):
        await finding_commands.write()
        finding = (await done(api, "findingUpdate", **at(finding, title=f"{turn}")))["finding"]
    newest = ", orderBy: {field: SEQUENCE, direction: DESC}"
    for shape in SHAPES:
        counts = []
        for size in (4, 20, 40):
            await api.ask(
                shape.replace("(first: %d", f"(first: {size}{newest if 'trail' in shape else ''}")
            )
            counts.append(len(api.statements))
        assert counts[0] == counts[1] == counts[2] <= 9, shape


PARTS = """history { nodes { kind action recordName
    changes { field before after beforeName afterName } } }"""


def of_kind(node: Any, kind: str) -> list[tuple[str, dict[str, tuple[str | None, str | None]]]]:
    """Return name and changes (names, else values, before and after) of a kind's entries."""
    return [
        (
            entry["recordName"],
            {
                c["field"]: (c["beforeName"] or c["before"], c["afterName"] or c["after"])
                for c in entry["changes"]
            },
        )
        for entry in node["history"]["nodes"]
        if entry["kind"] == kind
    ]


async def test_a_history_has_the_links_of_its_record_with_names_before_and_after(
    api: Client, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.write()
    primary = {
        "primaryClauseId": finding_commands.clauses["2"],
        "clauseIds": [finding_commands.clauses["1"]],
    }
    finding = (await done(api, "findingUpdate", **at(finding, **primary)))["finding"]
    await done(api, "findingUpdate", **at(finding, clauseIds=[]))
    reference = finding["reference"]

    def cited(clause: str, is_primary: str) -> dict[str, tuple[str | None, str]]:
        return {
            "isPrimary": (None, is_primary),
            "finding": (None, reference),
            "clause": (None, clause),
        }

    one, two = "HOUSE:1 1", "HOUSE:1 2"
    assert of_kind(await read(api, finding, PARTS), "FINDING_CLAUSE") == [
        (one, cited(one, "true")),
        (one, {"isPrimary": ("true", "false")}),
        (two, cited(two, "true")),
        (
            one,
            {
                "isPrimary": ("false", None),
                "finding": (reference, None),
                "clause": (one, None),
                "isDeleted": ("false", "true"),
            },
        ),
    ]


async def test_a_history_names_no_linked_record_that_is_hidden(
    api: Client, company: Company, finding_commands: FindingCommands, employee: Person
) -> None:
    shown, hidden = (
        await finding_commands.write(),
        await finding_commands.write(ownerId=company.owner.id),
    )
    capa = {"title": "x", "problemStatement": "x", "kind": "CORRECTIVE", "priority": "LOW",
            "dueOn": "2099-01-01", "ownerId": employee.id,
            "findingIds": [shown["id"], hidden["id"]]}  # fmt: skip
    id = (await done(api, "capaCreate", "capa { id reference }", **capa))["capa"]["id"]
    document = f"query ($id: ID!) {{ capa(by: {{id: $id}}) {{ reference {PARTS} }} }}"
    sources = []
    async with employee.signed_in() as client:
        for reader in (api, client):
            seen = (await reader.ask(document, id=id))["capa"]
            sources.append(of_kind(seen, "CAPA_FINDING"))
    of_capa = {"capa": (None, seen["reference"])}
    references = [shown["reference"], hidden["reference"]]
    assert sources[0] == [(one, {**of_capa, "finding": (None, one)}) for one in references]
    assert sources[1] == [sources[0][0], (None, of_capa)]

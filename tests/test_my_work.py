"""`myWork`: each kind of work appears for whom it waits, in order of due date, until it is done."""

from datetime import timedelta
from typing import Any

import pytest

from qgp.actions.model import ActionKind, ActionStatus
from qgp.audits.model.terms import AuditStatus, AuditTeamRole
from qgp.capas.model.terms import CapaPriority, CapaStatus, EffectivenessMetric
from qgp.findings.model import FindingRequest, FindingStatus
from qgp.kit import clock
from qgp.kit.model import Record
from qgp.kit.pending_work import WORK_KINDS
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from qgp.programmes.model import AuditProgrammeStatus
from qgp.standards.model.terms import Implementation
from qgp.templates.model.terms import TemplateVersionStatus
from qgp.webhooks.model import WebhookDisabledReason, WebhookEndpointStatus
from tests import factories
from tests.company import Client, Company, Hiring, Person
from tests.kit.work import work_of
from tests.notifications.consuming import listed, notify

ALL = "{ myWork(first: 100) { totalCount nodes { kind record { id } } } }"
PAGE = """query (
  $filter: WorkItemFilter, $first: Int, $after: String, $last: Int, $before: String
) {
  myWork(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount edges { cursor node { kind dueOn isOverdue daysUntilDue record {
      id ... on Action { title } ... on Finding { title } } } }
    pageInfo { hasNextPage hasPreviousPage } } }"""
MAJOR = {"grade": FindingGrade.MAJOR}
URGENT: dict[str, Any] = {"priority": CapaPriority.HIGH}
DEFINED = {"effectiveness_criteria": "None.", "effectiveness_metric": EffectivenessMetric.SAMPLE}
Waiting = dict[str, tuple[Record, dict[str, set[str]]]]  # by name: kinds, each with the people


@pytest.fixture
async def people(company: Company) -> dict[str, Person]:
    """One person of each part, by the initial of their role; the owner creates the records."""
    roles = {"Q": Role.QUALITY_MANAGER, "L": Role.LEAD_AUDITOR, "E": Role.EMPLOYEE}
    hired = {initial: await company.hire(role) for initial, role in roles.items()}
    return {"O": company.owner, **hired, "S": await company.hire(Role.SUPPLIER_CONTACT)}


def _of_findings(owner: Any, lead: Any, quality: Any) -> Waiting:
    verification, mine = FindingStatus.VERIFICATION, {"owner_id": owner}
    request = {"request_reason": "Why.", "requested_at": clock.now(), "requested_by_id": quality}
    void = {**request, "requested_change": FindingRequest.VOID}
    finding = factories.finding
    return {
        "draft": (finding(), {"ISSUE_FINDING": {"O"}}),
        "open": (finding(FindingStatus.OPEN, **mine), {"RESOLVE_FINDING": {"E"}}),
        "minor": (finding(verification, **mine), {"VERIFY_FINDING": {"O", "Q", "L"}}),
        "major": (finding(verification, **mine, **MAJOR), {"VERIFY_FINDING": {"Q", "L"}}),
        "handed over": (finding(verification, owner_id=lead), {"VERIFY_FINDING": {"O", "Q"}}),
        "evidenced": (finding(verification, **mine, **MAJOR), {"VERIFY_FINDING": {"L"}}),
        "worked on": (finding(verification, **mine, **MAJOR), {"VERIFY_FINDING": {"Q"}}),
        "source": (finding(verification, **mine, **MAJOR), {"VERIFY_FINDING": {"L"}}),
        "void": (
            finding(FindingStatus.ACTION, **mine, **MAJOR, **void),
            {"RESOLVE_FINDING": {"E"}, "DECIDE_FINDING_REQUEST": {"O"}},
        ),
        "conceded": (finding(FindingStatus.ACCEPTED, **mine), {}),
    }


def _of_capas(owner: Any, quality: Any) -> Waiting:
    capa, mine = factories.capa, {"owner_id": owner}
    return {
        "capa drafted": (capa(owner_id=None), {"ISSUE_CAPA": {"O", "Q"}}),
        "capa": (capa(CapaStatus.OPEN, **mine), {"RESOLVE_CAPA": {"E"}}),
        "planning": (capa(CapaStatus.PLANNED, **mine, **URGENT), {"RESOLVE_CAPA": {"E"}}),
        "planned": (
            capa(CapaStatus.PLANNED, owner_id=quality, **URGENT, **DEFINED),
            {"APPROVE_CAPA_PLAN": {"O"}},
        ),
        "implemented": (capa(CapaStatus.VERIFICATION, **mine), {"VERIFY_CAPA": {"O"}}),
        "confirmed": (
            capa(CapaStatus.EFFECTIVENESS, **mine),
            {"REVIEW_CAPA_EFFECTIVENESS": {"O", "Q"}},
        ),
        "of major": (
            capa(CapaStatus.EFFECTIVENESS, owner_id=quality),
            {"REVIEW_CAPA_EFFECTIVENESS": {"O"}},
        ),
    }


def _of_audits(lead: Any) -> Waiting:
    led = {"lead_auditor_id": lead}
    programme, active = factories.audit_programme, AuditProgrammeStatus.ACTIVE
    return {
        "planned audit": (factories.audit(**led), {"SCHEDULE_AUDIT": {"L"}}),
        "audit": (factories.audit(AuditStatus.IN_PROGRESS, **led), {"CONDUCT_AUDIT": {"L"}}),
        "reviewed": (factories.audit(AuditStatus.IN_REVIEW, **led), {"REVIEW_AUDIT": {"O"}}),
        "reported": (factories.audit(AuditStatus.REPORTED, **led), {"FOLLOW_UP_AUDIT": {"L"}}),
        "programme": (programme(owner_id=lead), {"APPROVE_AUDIT_PROGRAMME": {"Q"}}),
        "empty programme": (programme(owner_id=lead), {}),
        "running": (programme(active, owner_id=lead), {"MANAGE_AUDIT_PROGRAMME": {"L"}}),
    }


def _of_actions(owner: Any, lead: Any, quality: Any) -> Waiting:
    action, done = factories.action, {"completed_by_id": quality}
    return {
        "action": (action(owner_id=owner), {"COMPLETE_ACTION": {"E"}}),
        "done": (
            action(ActionStatus.DONE, owner_id=lead, is_verification_required=True, **done),
            {"VERIFY_ACTION": {"O"}},
        ),
        "not to verify": (action(ActionStatus.DONE, owner_id=owner), {}),
    }


def _of_webhooks(acting: Any) -> Waiting:
    failing, by_user = (
        factories.webhook_endpoint(
            acting, status=WebhookEndpointStatus.DISABLED, disabled_reason=reason, name=reason
        )
        for reason in (WebhookDisabledReason.FAILING, WebhookDisabledReason.USER)
    )
    return {
        "failing endpoint": (failing, {"ENABLE_WEBHOOK_ENDPOINT": {"O"}}),
        "endpoint disabled by a user": (by_user, {}),
    }


async def _waiting(company: Company, people: dict[str, Person]) -> Waiting:
    """Write records in the states of every kind of work, with parts that bar some from it."""
    lead, quality, owner = (people[initial].user_id for initial in "LQE")
    rows: Waiting = {
        **_of_findings(owner, lead, quality),
        **_of_capas(owner, quality),
        **_of_audits(lead),
        **_of_actions(owner, lead, quality),
        **_of_webhooks(lead),
    }
    async with work_of(company) as work:
        for row, _ in rows.values():
            await work.add(row)
        await _linked(work, {name: row for name, (row, _) in rows.items()}, lead, quality, owner)
        rows["regraded"] = (
            await work.add(
                factories.finding(
                    FindingStatus.OPEN,
                    **MAJOR,
                    audit_id=rows["reported"][0].id,
                    requested_change=FindingRequest.REGRADE,
                    requested_grade=FindingGrade.MINOR,
                    request_reason="Why.",
                    requested_at=clock.now(),
                    requested_by_id=quality,
                )
            ),
            {"DECIDE_FINDING_REQUEST": {"O", "L"}},
        )
        rows |= await _of_library(work, lead, quality, owner)
    async with work_of(company) as work:
        finding = await work.get(type(rows["handed over"][0]), rows["handed over"][0].id)
        await work.change(finding, {"owner_id": owner})
    return rows


async def _linked(work: Any, rows: dict[str, Any], lead: Any, quality: Any, owner: Any) -> None:
    """Give people parts in records, which bar them; a follow-up bars nobody."""
    await work.add(factories.capa_finding(rows["of major"].id, rows["source"].id))
    await work.add(factories.evidence_item(rows["evidenced"], collected_by_id=quality))
    cancelled, done = ActionStatus.CANCELLED, ActionStatus.DONE
    await work.add(factories.action(done, owner_id=lead, finding_id=rows["worked on"].id))
    await work.add(factories.action(cancelled, owner_id=quality, finding_id=rows["worked on"].id))
    follow_up = {"capa_id": rows["of major"].id, "kind": ActionKind.FOLLOW_UP}
    await work.add(factories.action(done, owner_id=work.caller.user_id, **follow_up))
    completed = {"capa_id": rows["implemented"].id, "completed_by_id": quality}
    await work.add(factories.action(done, owner_id=owner, **completed))
    member = factories.audit_team_member(rows["reviewed"].id, quality, role=AuditTeamRole.AUDITOR)
    await work.add(member)
    site = await work.add(factories.site())
    await work.add(factories.programme_item(rows["programme"].id, site_id=site.id))


async def _of_library(work: Any, lead: Any, quality: Any, owner: Any) -> Waiting:
    template = await work.add(factories.audit_template())
    version = await work.add(factories.template_version(template.id, submitted_by_id=quality))
    version.enter(TemplateVersionStatus.IN_APPROVAL)
    standard = await work.add(factories.standard())
    clauses = [await work.add(factories.clause(standard.id, number=n)) for n in "12"]
    done = {"implementation": Implementation.IMPLEMENTED, "is_review_required": True}
    carried = await work.add(factories.clause_assessment(clauses[0].id, owner_id=lead, **done))
    planned = await work.add(factories.clause_assessment(clauses[1].id, owner_id=owner))
    return {
        "version": (version, {"APPROVE_TEMPLATE_VERSION": {"O"}}),
        "carried over": (carried, {"REVIEW_CLAUSE_ASSESSMENT": {"L"}}),
        "clause": (planned, {"IMPLEMENT_CLAUSE": {"E"}}),
    }


async def shown(person: Person, names: dict[str, str]) -> set[tuple[str, str]]:
    """Return the kinds of work that wait for a person, each with the name of its record."""
    async with person.signed_in() as client:
        work = (await client.ask(ALL))["myWork"]
    assert work["totalCount"] == len(work["nodes"])
    return {(node["kind"], names[node["record"]["id"]]) for node in work["nodes"]}


async def _notified(company: Company, person: Person, names: dict[str, str]) -> set[str]:
    """Return the names of the records that notifications tell a person to act on."""
    await notify(company)
    async with person.signed_in() as client:
        rows = await listed(client, kind={"in": ["ASSIGNED", "WAITING"]})
    return {name for row in rows if (name := names.get(row["record"]["id"]))}


async def test_each_kind_of_work_waits_for_those_who_may_do_it_and_nobody_else(
    api: Client, company: Company, people: dict[str, Person], hire: Hiring
) -> None:
    rows = await _waiting(company, people)
    assert {kind for _, kinds in rows.values() for kind in kinds} == WORK_KINDS.keys()
    names = {row.public_id: name for name, (row, _) in rows.items()}
    for initial, person in people.items():
        expected = {
            (kind, name)
            for name, (_, kinds) in rows.items()
            for kind, waits_for in kinds.items()
            if initial in waits_for
        }
        assert await shown(person, names) == expected, initial
        if initial != "O":  # who created the records
            assert {name for _, name in expected} <= await _notified(company, person, names)
    assert await shown((await hire.company()).owner, names) == set()
    done = rows["done"][0].public_id
    assert (await api.do("actionVerify", id=done, expectedVersion=1))["errors"] == []
    assert ("VERIFY_ACTION", "done") not in await shown(company.owner, names)


async def test_hidden_records_do_not_wait(company: Company) -> None:
    async with work_of(company) as work:
        sites = [await work.add(factories.site()) for _ in "12"]
        rows = [await work.add(factories.capa(owner_id=None, site_id=site.id)) for site in sites]
    names = {row.public_id: str(place) for place, row in enumerate(rows)}
    theirs = await company.hire(Role.PROCESS_OWNER, site_id=sites[0].id)
    assert await shown(theirs, names) == {("ISSUE_CAPA", "0")}
    assert await shown(company.owner, names) == {("ISSUE_CAPA", "0"), ("ISSUE_CAPA", "1")}


async def _dated(company: Company) -> None:
    """Write work of the owner with due dates around today, and some without."""
    me: dict[str, Any] = {"owner_id": company.owner.user_id}
    today = clock.today()
    days = {"late": -1, "later": 3, "latest": -9, "today": 0}
    async with work_of(company) as work:
        for title, ahead in days.items():
            due: dict[str, Any] = {"due_on": today + timedelta(days=ahead), "title": title}
            await work.add(factories.action(**me, **due))
        answer = {"response_due_on": today + timedelta(days=1), "title": "answer"}
        await work.add(factories.finding(FindingStatus.OPEN, **me, **answer))
        for title in ("never", "nor this"):
            await work.add(factories.finding(FindingStatus.OPEN, **me, title=title))


def titles(work: Any) -> list[str]:
    return [edge["node"]["record"]["title"] for edge in work["edges"]]


async def test_the_overdue_come_first_and_what_has_no_due_date_last(
    api: Client, company: Company
) -> None:
    await _dated(company)
    work = (await api.ask(PAGE))["myWork"]
    whole = ["latest", "late", "today", "answer", "later", "never", "nor this"]
    assert titles(work) == whole
    nodes = [edge["node"] for edge in work["edges"]]
    assert [node["isOverdue"] for node in nodes] == [True] * 2 + [False] * 5
    assert [node["daysUntilDue"] for node in nodes] == [-9, -1, 0, 1, 3, None, None]
    filters: list[tuple[Any, slice]] = [
        ({"isOverdue": {"eq": True}}, slice(0, 2)),
        ({"dueOn": {"isNull": True}}, slice(5, 7)),
        ({"dueOn": {"gte": nodes[2]["dueOn"], "lt": nodes[4]["dueOn"]}}, slice(2, 4)),
        ({"not": {"kind": {"eq": "COMPLETE_ACTION"}}, "dueOn": {"isNull": False}}, slice(3, 4)),
        ({"kind": {"in": ["VERIFY_ACTION"]}}, slice(0)),
    ]
    for filter, part in filters:
        work = (await api.ask(PAGE, filter=filter))["myWork"]
        assert (titles(work), work["totalCount"]) == (whole[part], len(whole[part])), filter
    assert await api.refusal(PAGE, filter={"kind": {"eq": None}}) == "BAD_USER_INPUT"


async def test_pages_skip_and_repeat_nothing_in_either_direction(
    api: Client, company: Company
) -> None:
    await _dated(company)
    whole = titles((await api.ask(PAGE))["myWork"])
    for size, cursor, has_more in (
        ("first", "after", "hasNextPage"),
        ("last", "before", "hasPreviousPage"),
    ):
        walked: list[str] = []
        arguments: dict[str, Any] = {size: 2}
        while True:
            page = (await api.ask(PAGE, **arguments))["myWork"]
            walked = walked + titles(page) if size == "first" else titles(page) + walked
            if not page["pageInfo"][has_more]:
                break
            end = page["edges"][-1 if size == "first" else 0]
            arguments[cursor] = end["cursor"]
        assert walked == whole
    other = {"after": arguments["before"], "filter": {"isOverdue": {"eq": True}}}
    assert await api.refusal(PAGE, **other) == "CURSOR_MISMATCH"
    assert await api.refusal(PAGE, first=2, after="x") == "BAD_USER_INPUT"


async def test_one_statement_reads_the_page_whatever_the_registers(
    api: Client, company: Company
) -> None:
    await _dated(company)
    await api.ask("{ myWork { nodes { kind dueOn } } }")
    kinds = [text for text in api.statements if "UNION ALL" in text]
    assert len(kinds) == 1
    assert len(api.statements) == len(kinds) + 1  # and the begin of the transaction

"""Denied commands and failed signatures are in the security log of the organization, alone."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from qgp.kit import clock, ids
from qgp.kit.clock import print_instant
from qgp.kit.errors import Forbidden
from qgp.kit.policy import Role
from qgp.kit.security_log import SecurityEvent, expire, log_refusal
from tests.command_line import Command
from tests.company import PASSWORD, Client, Company, Hiring, Person, signature
from tests.evidence import unchanged
from tests.findings.finding_commands import FindingCommands, at, blockers
from tests.kit.work import context_of, run, work_of
from tests.matrix import role_cases
from tests.standards.standard_commands import errors_of

EVENTS = """query ($filter: SecurityEventFilter, $orderBy: [SecurityEventOrder!], $first: Int) {
    securityEvents(filter: $filter, orderBy: $orderBy, first: $first) { totalCount nodes {
        kind actor { id } action code reason recordId requestId firstAt lastAt occurrences } } }"""
MONDAY = datetime.fromisoformat("2026-03-02T09:10:00+00:00")


async def events(api: Client, **values: Any) -> Any:
    """Return the nodes of the security log."""
    return (await api.ask(EVENTS, **values))["securityEvents"]["nodes"]


async def test_a_mutation_that_the_role_may_not_is_logged_for_who_what_when_and_why(
    api: Client, company: Company, employee: Person, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.write()
    document = """mutation ($input: FindingRegradeInput!) { findingRegrade(input: $input) {
        errors { code } } }"""
    values = at(finding, grade="MAJOR", reason="It is worse.")
    async with employee.signed_in() as client, unchanged(company):
        with clock.fixed(now := clock.now().replace(microsecond=0)):
            answer = await client.send(document, input=values)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    (event,) = await events(api)
    assert event == {
        "kind": "COMMAND_DENIED",
        "actor": {"id": employee.id},
        "action": "findingRegrade",
        "code": "FORBIDDEN",
        "reason": error["message"],
        "recordId": finding["id"],
        "requestId": error["extensions"]["requestId"],
        "firstAt": print_instant(now),
        "lastAt": print_instant(now),
        "occurrences": 1,
    }
    assert (await api.ask("{ trailVerify { isIntact } }"))["trailVerify"]["isIntact"]


async def test_a_rule_and_segregation_of_duties_that_deny_a_command_are_logged(
    api: Client, company: Company, finding_commands: FindingCommands, employee: Person
) -> None:
    finding = await finding_commands.walk("findingOpen")
    async with unchanged(company):
        values = at(finding, **finding_commands.needs("findingGrantConcession"))
        assert blockers(await api.do("findingGrantConcession", **values)) == ["APPROVER_DIFFERS"]
        own_values = {"recordId": finding["id"], "expectedVersion": finding["version"]}
        refused = await api.do("recordSign", **own_values, signature=signature("APPROVED"))
        assert errors_of(refused) == [("FORBIDDEN", "signature.meaning")]
    shown = [(one["action"], one["code"], one["recordId"]) for one in await events(api)]
    assert shown == [
        ("findingGrantConcession", "TRANSITION_NOT_ALLOWED", finding["id"]),
        ("recordSign", "FORBIDDEN", finding["id"]),
    ]


async def test_what_anybody_might_meet_is_not_logged(
    api: Client, company: Company, finding_commands: FindingCommands, employee: Person
) -> None:
    finding = await finding_commands.write()
    stale = await api.do("findingUpdate", **at({**finding, "version": 7}, title="x"))
    assert errors_of(stale) == [("STALE_VERSION", "expectedVersion")]
    assert blockers(await api.do("findingRecordContainment", **at(finding))) != []
    hidden = await finding_commands.write(ownerId=company.owner.id)
    async with employee.signed_in() as client:
        refused = await client.do("findingRecordContainment", **at(hidden))
        assert errors_of(refused) == [("NOT_FOUND", "id")]
        assert await client.refusal("{ trail { totalCount } }") == "FORBIDDEN"
    assert await events(api) == []


async def test_a_failed_signature_is_logged_and_outlives_the_rollback(
    api: Client, company: Company, finding_commands: FindingCommands, employee: Person
) -> None:
    finding = await finding_commands.write()
    values = {"recordId": finding["id"], "expectedVersion": 1}
    wrong = {"proof": {"password": "a rather long sentance"}, "meaning": "AUTHORED"}
    async with employee.signed_in() as client, unchanged(company):
        with clock.fixed(clock.now()):
            for _ in range(6):
                await client.do("recordSign", **values, signature=wrong)
    shown = [
        (one["kind"], one["code"], one["occurrences"], one["recordId"]) for one in await events(api)
    ]
    assert shown == [
        ("SIGNATURE_FAILED", "INVALID_CREDENTIALS", 5, finding["id"]),
        ("SIGNATURE_FAILED", "RATE_LIMITED", 1, finding["id"]),
    ]
    assert "sentance" not in str(await events(api))
    assert PASSWORD not in str(await events(api))


async def refuse(company: Company, minutes: int = 0, action: str = "siteCreate") -> None:
    """Let the owner be refused some minutes after a Monday's 9:10."""
    with clock.fixed(MONDAY + timedelta(minutes=minutes)):
        await log_refusal(context_of(company), action, Forbidden("No."))


async def test_repetitions_within_an_hour_are_one_event_with_a_count(
    api: Client, company: Company
) -> None:
    for minutes in (0, 49, 50):
        await refuse(company, minutes)
    await asyncio.gather(*[refuse(company) for _ in range(5)])
    shown = [(one["firstAt"], one["lastAt"], one["occurrences"]) for one in await events(api)]
    assert shown == [
        ("2026-03-02T09:10:00Z", "2026-03-02T09:59:00Z", 7),
        ("2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z", 1),
    ]


async def test_a_refused_bulk_mutation_is_one_refusal(
    company: Company, api: Client, employee: Person
) -> None:
    document = """mutation ($input: ActionsAssignInput!) { actionsAssign(input: $input) {
        errors { code } } }"""
    unknown = [ids.encode("act", ids.uuid7()) for _ in range(3)]
    items = [{"id": id, "expectedVersion": 1} for id in unknown]
    values = {"items": items, "ownerId": employee.id}
    async with employee.signed_in() as client:
        assert await client.refusal(document, input=values) == "FORBIDDEN"
    (event,) = await events(api)
    assert (event["action"], event["occurrences"], event["recordId"]) == ("actionsAssign", 1, None)


@pytest.mark.parametrize("role", role_cases(Role.ADMIN, Role.QUALITY_MANAGER))
async def test_who_reads_the_security_log(company: Company, role: Role) -> None:
    async with (await company.hire(role)).signed_in() as api:
        answer = await api.send("{ securityEvents { totalCount } }")
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    assert codes == ([] if role in {Role.OWNER, Role.ADMIN} else ["FORBIDDEN"])


async def test_another_organization_sees_none_of_it(
    api: Client, company: Company, employee: Person
) -> None:
    document = 'mutation { siteCreate(input: {code: "A", name: "A"}) { errors { code } } }'
    async with employee.signed_in() as client:
        await client.refusal(document)
    rival = await Hiring(company.application).company()
    async with rival.owner.signed_in() as other:
        assert await events(other) == []
    await run(rival, "DELETE FROM security_events")
    assert len(await events(api)) == 1


async def test_the_log_is_filtered_and_ordered_like_any_list(
    api: Client, company: Company, employee: Person
) -> None:
    await refuse(company)
    await refuse(company, 5, "departmentCreate")
    await refuse(company, 65)
    cases: tuple[tuple[dict[str, Any], list[str]], ...] = (
        ({}, ["siteCreate", "departmentCreate", "siteCreate"]),
        ({"filter": {"action": {"eq": "departmentCreate"}}}, ["departmentCreate"]),
        ({"filter": {"actorId": {"eq": employee.id}}}, []),
        ({"filter": {"actor": {"role": {"eq": "OWNER"}}, "occurrences": {"lt": 2}}},
         ["siteCreate", "departmentCreate", "siteCreate"]),
        ({"filter": {"firstAt": {"gt": "2026-03-02T09:12:00Z"}}},
         ["departmentCreate", "siteCreate"]),
        ({"filter": {"kind": {"eq": "SIGNATURE_FAILED"}}}, []),
        ({"orderBy": [{"field": "LAST_AT", "direction": "DESC"}], "first": 2},
         ["siteCreate", "departmentCreate"]),
    )  # fmt: skip
    for values, actions in cases:
        assert [one["action"] for one in await events(api, **values)] == actions, values


async def test_statements_do_not_grow_with_the_events(api: Client, company: Company) -> None:
    async with work_of(company) as work:
        for place in range(20):
            work.session.add(event_of(company, MONDAY + timedelta(hours=place)))
    counts = []
    for size in (2, 10, 20):
        assert len(await events(api, first=size)) == size
        counts.append(len(api.statements))
    assert counts[0] == counts[1] == counts[2]


def event_of(company: Company, at: datetime) -> SecurityEvent:
    """Return an event that was seen last at an instant."""
    return SecurityEvent(
        organization_id=company.organization_id,
        id=ids.uuid7(),
        kind="COMMAND_DENIED",
        actor_id=company.owner.user_id,
        action="siteCreate",
        code="FORBIDDEN",
        reason="No.",
        hour=at.replace(minute=0),
        first_at=at,
        last_at=at,
        occurrences=1,
    )


async def test_events_are_removed_after_their_retention_and_not_before(
    api: Client, company: Company
) -> None:
    now = clock.now()
    ages = [timedelta(days=days) for days in (0, 29, 45, 401)]
    async with work_of(company) as work:
        work.session.add_all([event_of(company, now - age) for age in ages])
    async with work_of(company) as work:
        assert await expire(work.session, timedelta(days=400)) == 1
    async with work_of(company) as work:
        assert await expire(work.session, timedelta(days=1)) == 1  # what the database lets go
    assert len(await events(api)) == 2


async def test_the_application_changes_no_event(company: Company) -> None:
    async with work_of(company) as work:
        work.session.add(event_of(company, clock.now()))
    for statement in (
        "UPDATE security_events SET reason = 'x'",
        "UPDATE security_events SET actor_id = gen_random_uuid()",
        "TRUNCATE security_events",
    ):
        with pytest.raises(DBAPIError) as refused:
            async with work_of(company) as work:
                await work.session.execute(sa.text(statement))
        assert getattr(refused.value.orig, "sqlstate", None) == "42501"


async def test_the_daily_command_removes_what_is_older_than_the_setting(
    qgp: Command, api: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    async with work_of(company) as work:
        work.session.add_all(
            [event_of(company, now - timedelta(days=days)) for days in (0, 60, 90)]
        )
    expire_events = ("security-log", "expire", "--organization", company.slug)
    done = await asyncio.to_thread(qgp, *expire_events)
    assert (done.exit_code, done.stdout) == (0, "Removed: 0 events.\n")
    monkeypatch.setenv("SECURITY_LOG_DAYS", "75")
    done = await asyncio.to_thread(qgp, *expire_events)
    assert (done.exit_code, done.stdout) == (0, "Removed: 1 events.\n")
    assert len(await events(api)) == 2
    monkeypatch.setenv("SECURITY_LOG_DAYS", "29")
    done = await asyncio.to_thread(qgp, *expire_events)
    assert done.exit_code == 1
    assert "SECURITY_LOG_DAYS" in done.stderr

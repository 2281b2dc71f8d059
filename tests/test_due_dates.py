"""Records with a due date tell whether it has passed and how many days are left, by their day."""

from datetime import date, timedelta
from typing import Any

import pytest

from qgp.actions.model import ActionStatus
from qgp.capas.model.terms import CapaStatus
from qgp.findings.model import FindingStatus
from qgp.kit import clock, ids
from tests import factories
from tests.actions import action_commands
from tests.company import Client, Company
from tests.kit.built import BUILT, GRAPHQL
from tests.kit.work import context_of, work_of

EAST, WEST = "Pacific/Kiritimati", "Pacific/Niue"  # 25 hours apart: never the same day
FIELDS = "isOverdue daysUntilDue"


async def shown_due_date(
    company: Company, api: Client, root: str, id: str
) -> tuple[bool, int | None]:
    """Return both fields of a record, on which plan and resolvers agree."""
    document = f"query ($id: ID!) {{ {root}(by: {{id: $id}}) {{ {FIELDS} }} }}"
    planned = await api.ask(document, id=id)
    context = context_of(company)
    executed = await BUILT.execute(document, {"id": id}, context)
    await context.end()
    assert executed.data == planned
    return planned[root]["isOverdue"], planned[root]["daysUntilDue"]


def ahead(days: int, zone: str = "UTC") -> date:
    """Return the day so many days after today."""
    return clock.today(zone) + timedelta(days)


async def task(company: Company, due_on: date) -> str:
    """Write an action that is due on a day, which may have passed; return its id."""
    async with work_of(company) as work:
        owner = company.owner.user_id
        row = await work.add(factories.action(owner_id=owner, due_on=due_on))
    return row.public_id


@pytest.mark.parametrize(("days", "overdue"), [(-3, True), (-1, True), (0, False), (2, False)])
async def test_a_due_date_passes_with_its_day(
    company: Company, api: Client, days: int, *, overdue: bool
) -> None:
    id = await task(company, ahead(days))
    assert await shown_due_date(company, api, "action", id) == (overdue, days)


async def test_the_day_is_that_of_the_organizations_time_zone(
    company: Company, api: Client
) -> None:
    id = await task(company, ahead(0, WEST))
    left = (ahead(0, WEST) - ahead(0, EAST)).days
    organization = ids.encode("org", company.organization_id)
    for version, (zone, expected) in enumerate(((WEST, (False, 0)), (EAST, (True, left))), 1):
        change = {"id": organization, "expectedVersion": version, "timeZone": zone}
        assert (await api.do("organizationUpdate", **change))["errors"] == []
        assert await shown_due_date(company, api, "action", id) == expected


async def test_nothing_is_due_of_what_has_ended(company: Company, api: Client) -> None:
    row = await action_commands.capa(company, CapaStatus.CANCELLED)
    assert await shown_due_date(company, api, "capa", row.public_id) == (False, None)
    finding = await action_commands.finding(
        company, FindingStatus.VOID, closure_due_on=date(2020, 1, 1)
    )
    assert await shown_due_date(company, api, "finding", finding.public_id) == (False, None)
    id = await task(company, date(2020, 1, 1))
    await action_commands.go(api, id, "actionCancel")
    assert await action_commands.show(api, id, "status") == ActionStatus.CANCELLED
    assert await shown_due_date(company, api, "action", id) == (False, None)


async def test_the_state_of_a_finding_says_which_date_counts(company: Company, api: Client) -> None:
    dates: dict[str, Any] = {"response_due_on": ahead(-1), "closure_due_on": ahead(5)}
    for status, expected in (
        (FindingStatus.DRAFT, (False, None)),
        (FindingStatus.OPEN, (True, -1)),
        (FindingStatus.ANALYSIS, (True, -1)),
        (FindingStatus.ACTION, (False, 5)),
        (FindingStatus.VERIFICATION, (False, 5)),
    ):
        row = await action_commands.finding(company, status, **dates)
        assert await shown_due_date(company, api, "finding", row.public_id) == expected, status
    row = await action_commands.finding(company, FindingStatus.OPEN)
    assert await shown_due_date(company, api, "finding", row.public_id) == (False, None)


async def test_a_capa_is_due_again_when_its_effectiveness_is(company: Company, api: Client) -> None:
    row = await action_commands.capa(company, CapaStatus.IMPLEMENTING)
    assert await shown_due_date(company, api, "capa", row.public_id) == (
        clock.today("UTC") > row.due_on,
        (row.due_on - clock.today("UTC")).days,
    )
    row = await action_commands.capa(
        company, CapaStatus.EFFECTIVENESS, effectiveness_due_on=ahead(-2)
    )
    assert await shown_due_date(company, api, "capa", row.public_id) == (True, -2)


def test_every_type_with_a_due_date_tells_both() -> None:
    dates = {"dueOn", "closureDueOn", "effectivenessDueOn", "targetOn", "expiresOn"}
    types: dict[str, Any] = {n: t for n, t in GRAPHQL.type_map.items() if hasattr(t, "interfaces")}
    due = {name for name, kind in types.items() if dates & kind.fields.keys()}
    due.remove("Notification")  # tells the due date of its event, which may have changed since
    assert due == {"Action", "Capa", "ClauseAssessment", "EvidenceItem", "Finding", "WorkItem"}
    for name in due:
        fields = types[name].fields
        assert (str(fields["isOverdue"].type), str(fields["daysUntilDue"].type)) == (
            "Boolean!",
            "Int",
        )

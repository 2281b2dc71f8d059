"""Rules of reminders: what they change, who may change them, and what they refuse."""

from datetime import timedelta
from typing import Any

import pytest

from qgp.kit.policy import Role
from qgp.reminders.commands import rules
from qgp.schema import calendar_dates
from tests import factories
from tests.company import Client, Company
from tests.kit.work import work_of
from tests.reminders.test_reminders import DUE, reminding, sent_on

SCHEDULES = "{ reminderSchedules { dueDate remindDays escalateAfterDays rule { id } } }"
FIELDS = "reminderRule { id version dueDate remindDays escalateAfterDays }"
ACTIONS = {"dueDate": "Action.dueOn"}


async def schedules(api: Client) -> dict[str, Any]:
    """Return the schedules by due date."""
    return {one["dueDate"]: one for one in (await api.ask(SCHEDULES))["reminderSchedules"]}


async def test_each_due_date_has_a_schedule_which_a_rule_replaces_until_it_is_deleted(
    api: Client, company: Company
) -> None:
    default = await schedules(api)
    assert [*default] == [each.coordinate for each in calendar_dates() if each.people]
    assert {"Audit.plannedStartOn", "AuditProgramme.periodEndOn"} <= {*default}
    days: dict[str, Any] = {"remindDays": [-7, -1, 0, 1, 7], "escalateAfterDays": 14}
    assert default["Action.dueOn"] == {**ACTIONS, **days, "rule": None}
    created = await api.do("reminderRuleCreate", FIELDS, **ACTIONS, remindDays=[-3, 2])
    rule = created["reminderRule"]
    days = {"remindDays": [-3, 2], "escalateAfterDays": None}
    assert rule == {"id": rule["id"], "version": 1, **ACTIONS, **days}
    assert (await schedules(api))["Action.dueOn"] == {**ACTIONS, **days, "rule": {"id": rule["id"]}}
    again = await api.do("reminderRuleCreate", FIELDS, **ACTIONS, remindDays=[1])
    assert [error["code"] for error in again["errors"]] == ["ALREADY_EXISTS"]
    at = {"id": rule["id"], "expectedVersion": 1}
    changed = await api.do("reminderRuleUpdate", FIELDS, **at, remindDays=[], escalateAfterDays=5)
    now = changed["reminderRule"]
    assert (now["remindDays"], now["escalateAfterDays"], now["version"]) == ([], 5, 2)
    await api.do("reminderRuleDelete", "deletedId", id=rule["id"], expectedVersion=2)
    assert await schedules(api) == default


@pytest.mark.parametrize(
    ("input", "path"),
    [
        ({"dueDate": "Action.startOn"}, ["dueDate"]),
        ({"remindDays": [-91]}, ["remindDays", "0"]),
        ({"remindDays": [0, 61]}, ["remindDays", "1"]),
        ({"remindDays": [-1, -7]}, ["remindDays", "1"]),
        ({"remindDays": [1, 1]}, ["remindDays", "1"]),
        ({"remindDays": [*range(11)]}, ["remindDays"]),
        ({"escalateAfterDays": 0}, ["escalateAfterDays"]),
        ({"escalateAfterDays": 61}, ["escalateAfterDays"]),
    ],
)
async def test_days_that_are_no_schedule_are_refused(
    api: Client, input: dict[str, Any], path: list[str]
) -> None:
    days = {**ACTIONS, "remindDays": [-1], "escalateAfterDays": 5, **input}
    refused = await api.do("reminderRuleCreate", "reminderRule { id }", **days)
    (error,) = refused["errors"]
    assert (refused["reminderRule"], error["path"]) == (None, path), error
    assert (await schedules(api))["Action.dueOn"]["rule"] is None


async def test_quality_reads_the_rules_and_administrators_change_them(company: Company) -> None:
    for role, may in ((Role.QUALITY_MANAGER, True), (Role.LEAD_AUDITOR, False)):
        person = await company.hire(role)
        async with person.signed_in() as client:
            if may:
                assert len(await schedules(client)) > 9
            else:
                assert await client.refusal(SCHEDULES) == "FORBIDDEN"
            document = "mutation { reminderRuleCreate(input: %s) { errors { code } } }"
            rule = '{dueDate: "Action.dueOn", remindDays: [1]}'
            assert await client.refusal(document % rule) == "FORBIDDEN"


async def test_a_changed_rule_repeats_nothing_and_makes_up_for_nothing(company: Company) -> None:
    owner = [str(company.owner.user_id)]
    async with work_of(company) as work:
        for due_on in (DUE, DUE - timedelta(days=30)):
            await work.add(factories.action(owner_id=work.caller.user_id, due_on=due_on))
    sent = [name for name, _, _ in await sent_on(company, -8, -7)]
    assert sent == ["action.escalated", "action.overdue", "action.due_soon"]
    async with reminding(company, -5) as work:
        days: dict[str, Any] = {"remind_days": [-6, -4, 3], "escalate_after_days": 20}
        rule = await rules.create(work, due_date="Action.dueOn", **days)
    assert await sent_on(company, -5) == []
    assert await sent_on(company, -4) == [("action.due_soon", 4, owner)]
    async with reminding(company, -3) as work:
        await rules.delete(work, id=rule.id, expected_version=1)
    assert await sent_on(company, -3, -2) == []
    assert await sent_on(company, -1) == [("action.due_soon", 1, owner)]

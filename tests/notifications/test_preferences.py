"""Preferences of notifications: their defaults, what a user changes, and what is listed."""

from datetime import UTC, datetime, time
from typing import Any

import pytest

from qgp.kit.policy import Role
from qgp.notifications.facts import end_of_quiet_hours
from qgp.notifications.model import QuietHours
from tests import factories
from tests.company import Client, Company
from tests.kit.work import work_of
from tests.notifications.consuming import listed, notify, unread
from tests.notifications.mailing import mails_to

PREFERENCES = """{ viewer { notificationPreferences {
    kind channel frequency defaultFrequency isDefault } quietHours { startTime endTime } } }"""
CHANGED = "notificationPreferences { kind channel frequency isDefault } quietHours { startTime }"
UPDATE = "notificationPreferencesUpdate"
DEFAULT_DIGESTS = {("WATCHED_CHANGE", "MAIL"): "DAILY", ("DUE_SOON", "MAIL"): "DAILY"}


def by_key(preferences: Any) -> dict[tuple[str, str], str]:
    return {(row["kind"], row["channel"]): row["frequency"] for row in preferences}


def preference(kind: str, channel: str, frequency: str | None) -> dict[str, Any]:
    return {"kind": kind, "channel": channel, "frequency": frequency}


async def test_a_user_changes_their_own_preferences_and_returns_to_the_defaults(
    company: Company, api: Client
) -> None:
    shown = (await api.ask(PREFERENCES))["viewer"]
    defaults = by_key(shown["notificationPreferences"])
    assert (len(defaults), shown["quietHours"]) == (16, None)
    assert {key: each for key, each in defaults.items() if each != "INSTANT"} == DEFAULT_DIGESTS
    assert all(row["isDefault"] for row in shown["notificationPreferences"])
    chosen = [
        preference("ASSIGNED", "MAIL", "WEEKLY"),
        preference("DUE_SOON", "MAIL", "INSTANT"),
        preference("MENTIONED", "IN_APP", "OFF"),
        preference("OVERDUE", "MAIL", "INSTANT"),  # the default
    ]
    quiet = {"startTime": "22:00", "endTime": "06:30"}
    for _ in range(2):
        changed = await api.do(UPDATE, CHANGED, preferences=chosen, quietHours=quiet)
        assert changed["errors"] == []
    rows = changed["notificationPreferences"]
    changes = {("ASSIGNED", "MAIL"), ("DUE_SOON", "MAIL"), ("MENTIONED", "IN_APP")}
    assert {(row["kind"], row["channel"]) for row in rows if not row["isDefault"]} == changes
    reset = [preference("ASSIGNED", "MAIL", None), preference("DUE_SOON", "MAIL", "DAILY")]
    changed = await api.do(UPDATE, CHANGED, preferences=reset)
    expected = defaults | {("MENTIONED", "IN_APP"): "OFF"}
    assert by_key(changed["notificationPreferences"]) == expected
    assert changed["quietHours"] == {"startTime": "22:00"}
    assert (await api.ask(PREFERENCES))["viewer"]["quietHours"] == quiet
    assert (await api.do(UPDATE, CHANGED, quietHours=None))["quietHours"] is None
    eve = await company.hire(Role.SUPPLIER_CONTACT)
    async with eve.signed_in() as of_eve:
        others = (await of_eve.ask(PREFERENCES))["viewer"]["notificationPreferences"]
    assert by_key(others) == defaults


@pytest.mark.parametrize(
    ("arguments", "code", "path"),
    [
        (
            {"preferences": [preference("ASSIGNED", "IN_APP", "DAILY")]},
            "BAD_USER_INPUT",
            ["preferences", "0", "frequency"],
        ),
        (
            {"preferences": [preference("DUE", "MAIL", each) for each in ("OFF", "DAILY")]},
            "BAD_USER_INPUT",
            ["preferences", "1"],
        ),
        (
            {"preferences": [preference("DUE", "MAIL", "OFF")] * 17},
            "TOO_LONG",
            ["preferences"],
        ),
        (
            {"quietHours": {"startTime": "22:00", "endTime": "24:00"}},
            "INVALID_FORMAT",
            ["quietHours", "endTime"],
        ),
        (
            {"quietHours": {"startTime": "06:00", "endTime": "06:00"}},
            "OUT_OF_RANGE",
            ["quietHours", "endTime"],
        ),
    ],
)
async def test_preferences_that_are_not_possible_are_refused_and_change_nothing(
    api: Client, arguments: Any, code: str, path: list[str]
) -> None:
    possible = {"preferences": [preference("ASSIGNED", "MAIL", "OFF")]}
    refused = await api.do(UPDATE, CHANGED, **possible | arguments)
    assert [(error["code"], error["path"]) for error in refused["errors"]] == [(code, path)]
    shown = (await api.ask(PREFERENCES))["viewer"]
    assert all(row["isDefault"] for row in shown["notificationPreferences"])
    assert shown["quietHours"] is None


async def test_a_kind_that_is_off_in_the_application_is_not_listed_and_still_mailed(
    company: Company,
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    async with eve.signed_in() as of_eve:
        off = [preference("ASSIGNED", "IN_APP", "OFF")]
        await of_eve.do(UPDATE, preferences=off)
        async with work_of(company) as work:
            await work.add(factories.action(owner_id=eve.user_id))
        await notify(company)
        assert (await listed(of_eve), await unread(of_eve)) == ([], 0)
        assert len(await mails_to(company, eve)) == 1
        await of_eve.do(UPDATE, preferences=[*off, preference("ASSIGNED", "MAIL", "OFF")])
        async with work_of(company) as work:
            await work.add(factories.action(owner_id=eve.user_id))
        await notify(company)
        assert (await listed(of_eve), len(await mails_to(company, eve))) == ([], 1)


@pytest.mark.parametrize(
    ("start", "end", "at", "ends"),
    [
        ("22:00", "06:30", "2026-03-01T20:59", None),
        ("22:00", "06:30", "2026-03-01T21:00", "2026-03-02T05:30"),  # 22:00 in Berlin
        ("22:00", "06:30", "2026-03-02T05:29", "2026-03-02T05:30"),
        ("22:00", "06:30", "2026-03-02T05:30", None),
        ("22:00", "06:30", "2026-03-28T23:00", "2026-03-29T04:30"),  # summer time begins
        ("12:00", "13:00", "2026-07-01T10:30", "2026-07-01T11:00"),
        ("12:00", "13:00", "2026-07-01T11:00", None),
    ],
)
def test_quiet_hours_end_at_their_local_time_and_may_pass_midnight(
    start: str, end: str, at: str, ends: str | None
) -> None:
    hours = QuietHours(start_time=time.fromisoformat(start), end_time=time.fromisoformat(end))
    instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
    expected = None if ends is None else datetime.fromisoformat(ends).replace(tzinfo=UTC)
    assert end_of_quiet_hours(hours, instant, "Europe/Berlin") == expected

"""The history of the demo is what its users could have done, by the rules."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.actions.model import Action
from qgp.app import Application
from qgp.audits.model import Audit
from qgp.capas.model import Capa, RootCauseAnalysis
from qgp.demo.calendar import Calendar
from qgp.demo.commands import COMMANDS
from qgp.demo.playback import random_for
from qgp.demo.programme import END, first_day, programme
from qgp.demo.themes import ALL
from qgp.demo.words import fill
from qgp.evidence.model import EvidenceLink
from qgp.findings.model import Finding
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.names import to_camel
from qgp.kit.policy import Role
from qgp.standards.model import ClauseMapping, Standard
from qgp.templates.model import TemplateVersion
from qgp.users.model import User
from tests.demo.visiting import signed_in
from tests.kit.built import BUILT

STATEFUL: tuple[Any, ...] = (
    *(Action, Audit, Capa, Finding, RootCauseAnalysis),
    *(ClauseMapping, EvidenceLink, Standard, TemplateVersion, User),
)
COUNTS = """{ audits { totalCount } findings { totalCount } capas { totalCount }
    actions { totalCount } }"""


async def rows(application: Application, statement: str) -> list[tuple[Any, ...]]:
    """Read as the superuser, past row security."""
    async with application.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(sa.text(statement))]


@pytest.mark.parametrize("model", STATEFUL, ids=lambda model: model.__name__)
async def test_each_state_has_a_record(seeded: Application, model: Any) -> None:
    statuses = await rows(seeded, f"SELECT DISTINCT status FROM {model.__tablename__}")
    states = {state for move in model.workflow.transitions.values() for state in move.sources}
    states |= {move.target for move in model.workflow.transitions.values()}
    assert {status for (status,) in statuses} == {state.value for state in states}


async def test_the_trail_is_whole(seeded: Application) -> None:
    (counted,) = await rows(seeded, "SELECT count(*) FROM audit_entries WHERE actor_id IS NOT NULL")
    async with signed_in(seeded, Role.OWNER) as api:
        verdict = (await api.ask("{ trailVerify { isIntact checked } }"))["trailVerify"]
    assert verdict["isIntact"]
    assert verdict["checked"] >= counted[0] > 1000


async def test_what_has_to_be_signed_is_signed(seeded: Application) -> None:
    query = "{ signatures(first: 100) { totalCount nodes { state } } }"
    async with signed_in(seeded, Role.OWNER) as api:
        signatures = (await api.ask(query))["signatures"]
    assert signatures["totalCount"] > 10
    states = Counter(signature["state"] for signature in signatures["nodes"])
    assert states["VALID"] >= 80
    # An audit that was returned for rework, and a finding that was reopened with its CAPA.
    assert states["SUPERSEDED"] <= 2


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SUPPLIER_CONTACT}))
async def test_each_role_sees_something(seeded: Application, role: Role) -> None:
    async with signed_in(seeded, role) as api:
        data = await api.ask(COUNTS)
    counts = {name: connection["totalCount"] for name, connection in data.items()}
    seen = {"actions", "findings"} if role is Role.EMPLOYEE else set(counts)
    assert seen == {name for name, count in counts.items() if count > 0}


IN_ORDER = """
SELECT reference FROM findings WHERE detected_on > opened_on OR opened_on > contained_at::date
    OR closed_on < opened_on OR opened_on > response_due_on OR accepted_until < opened_on
UNION ALL SELECT reference FROM capas WHERE implemented_on > closed_on
    OR created_at::date > implemented_on OR effectiveness_due_on < implemented_on
UNION ALL SELECT reference FROM audits WHERE started_at > completed_at
    OR completed_at::date > reported_on OR reported_on > closed_on OR created_at > started_at
UNION ALL SELECT reference FROM actions WHERE completed_at > verified_at
    OR created_at > completed_at OR created_at::date > original_due_on
UNION ALL SELECT entity FROM (SELECT entity, at < lag(at) OVER (PARTITION BY entity_id ORDER BY id)
    AS is_back FROM status_events) AS events WHERE is_back
UNION ALL SELECT entity FROM audit_entries WHERE at > now()
UNION ALL SELECT e.entity FROM audit_entries e JOIN users u ON u.id = e.actor_id
    WHERE e.at < u.created_at
"""


async def test_nothing_happens_before_its_time(seeded: Application) -> None:
    assert await rows(seeded, IN_ORDER) == []


async def test_the_same_happens_each_time(seeded: Application) -> None:
    """Random numbers and weekdays change no count."""
    counted = {
        model.__tablename__: await rows(seeded, f"SELECT count(*) FROM {model.__tablename__}")
        for model in (Audit, Finding, Capa, Action)
    }
    assert counted == {
        "audits": [(23,)],
        "findings": [(54,)],
        "capas": [(17,)],
        "actions": [(133,)],
    }


async def test_users_have_managers_and_one_is_represented(seeded: Application) -> None:
    statement = """SELECT u.name FROM users u JOIN organizations o ON o.id = u.organization_id
        WHERE o.slug = 'demo' AND u.site_id IS NOT NULL AND u.manager_id IS NULL"""
    assert await rows(seeded, statement) == [("Dr. Katharina Brandt",)]
    async with signed_in(seeded, Role.LEAD_AUDITOR) as api:
        work = (await api.ask("{ myWork(first: 100) { nodes { onBehalfOf { name } } } }"))["myWork"]
    assert {"onBehalfOf": {"name": "Ingrid Larsen"}} in work["nodes"]


def test_chance_is_the_same_each_time() -> None:
    assert random_for("finding", 1).random() == random_for("finding", 1).random()
    assert random_for("finding", 1).random() != random_for("finding", 2).random()
    assert programme(1) == programme(1)


@pytest.mark.parametrize(("years", "audits"), [(1, 23), (2, 32), (3, 41)])
def test_the_programme_spans_its_years_and_three_months(years: int, audits: int) -> None:
    days = [audit.day for audit in programme(years)]
    assert first_day(years) <= min(days) < first_day(years) + 20
    assert END - 10 < max(days) <= END
    assert len(days) == audits


@pytest.mark.parametrize("weekday", range(7))
def test_working_days_leave_weekends_out(weekday: int) -> None:
    today = date(2026, 11, 23) + timedelta(weekday)
    calendar = Calendar(today)
    days = [calendar.day(number) for number in range(-500, 60)]
    assert all(day.weekday() < 5 for day in days)
    assert days == sorted(set(days))
    assert calendar.day(-0.5) < calendar.day(0) <= today
    assert calendar.day(-5) == calendar.day(0) - timedelta(7)


def test_a_working_day_runs_from_eight_to_five_in_berlin() -> None:
    calendar = Calendar(date(2026, 11, 25))
    assert calendar.instant(-1).isoformat() == "2026-11-24T07:00:00+00:00"
    assert calendar.instant(-0.5).isoformat() == "2026-11-24T11:30:00+00:00"


def test_each_question_has_something_to_be_seen() -> None:
    assert [theme.name for theme in ALL if len(theme.seen) < len(theme.questions)] == []


def test_every_gap_of_every_text_is_filled() -> None:
    for theme in ALL:
        texts = (*theme.remedies, *theme.proofs, theme.criteria)
        for seen in theme.seen:
            texts += (seen.title, seen.matter, seen.evidence, seen.containment)
        for text in texts:
            assert "{" not in fill(text, random_for("gaps"))
        assert all(len(fill(seen.title, random_for("gaps"))) <= 200 for seen in theme.seen)


def test_commands_are_the_mutations_of_their_names() -> None:
    mutation: Any = BUILT.mutation
    fields = mutation.__strawberry_definition__.fields
    commands = {to_camel(field.python_name): field.metadata.get(DECLARED) for field in fields}
    for name, demo_command in COMMANDS.items():
        command = getattr(commands[name], "each", commands[name])
        assert (name, command.act, command.permission) == (
            name,
            demo_command.run,
            demo_command.permission,
        )

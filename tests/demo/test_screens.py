"""Large screens on the demo: within the limits, in few statements."""

from pathlib import Path
from typing import Any

import pytest

from qgp.app import Application
from qgp.kit.policy import Role
from tests.company import Client
from tests.demo.visiting import signed_in

FOLDER = Path(__file__).parents[2] / "schema" / "operations"
_LOOK = """{ audits(first: 100) { nodes { id responses { totalCount } } }
    findings(first: 100) { nodes { id capas { id } actions { totalCount } } } }"""


async def show(api: Client, name: str, **variables: Any) -> tuple[Any, int]:
    """Return the screen's data and the statements that it took."""
    data = await api.ask((FOLDER / f"{name}.graphql").read_text(), **variables)
    return data, len(api.statements)


async def test_the_checklist_shows_questions_and_answers(seeded: Application) -> None:
    async with signed_in(seeded, Role.QUALITY_MANAGER) as api:
        audits = (await api.ask(_LOOK))["audits"]["nodes"]
        audit = max(audits, key=lambda row: row["responses"]["totalCount"])
        data, statements = await show(api, "AuditChecklist", id=audit["id"])
    version, answers = data["audit"]["templateVersion"], data["audit"]["responses"]["nodes"]
    questions = version["questions"]["nodes"]
    assert len(version["sections"]["nodes"]) > 1
    assert len(questions) > 5
    assert any(question["options"] for question in questions)
    assert any(question["clauses"] for question in questions)
    assert len(answers) == min(100, audit["responses"]["totalCount"]) > 5
    assert 0 < statements < 20


async def test_the_boards_show_steps_and_blockers_in_far_fewer_statements_than_rows(
    seeded: Application,
) -> None:
    async with signed_in(seeded, Role.QUALITY_MANAGER) as api:
        register, of_hundred = await show(api, "FindingBoard")
        board, of_board = await show(api, "CapaBoard")
    rows = register["findings"]["nodes"]
    cards = [card for column in board.values() for card in column["nodes"]]
    for shown in (rows, cards):
        steps = [step for row in shown for step in row["availableTransitions"]]
        assert len(shown) > 5
        assert {step["isAllowed"] for step in steps} == {True, False}
    assert 0 < of_hundred < 2 * len(rows) / 3
    assert 0 < of_board < 9 * 12


@pytest.mark.parametrize("role", [Role.QUALITY_MANAGER, Role.PROCESS_OWNER])
async def test_the_start_page_counts_what_there_is(seeded: Application, role: Role) -> None:
    async with signed_in(seeded, role) as api:
        data, statements = await show(api, "Dashboard", today="2026-11-29", soon="2027-11-29")
    assert len(data) == 40
    assert sum(root["totalCount"] for root in data.values() if "totalCount" in root) > 20
    assert 0 < statements < 100


async def test_a_finding_in_full_shows_what_is_done_about_it(seeded: Application) -> None:
    async with signed_in(seeded, Role.QUALITY_MANAGER) as api:
        findings = (await api.ask(_LOOK))["findings"]["nodes"]
        row = max(findings, key=lambda row: 99 * bool(row["capas"]) + row["actions"]["totalCount"])
        data, statements = await show(api, "FindingInFull", id=row["id"])
    finding = data["finding"]
    assert finding["capas"]
    assert finding["clauses"]
    assert finding["history"]["totalCount"] > 1
    assert 0 < statements < 60

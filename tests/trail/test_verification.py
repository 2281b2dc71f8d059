"""Whoever changes a row past the server is found out by the API."""

from typing import Any

import pytest
import sqlalchemy as sa

from qgp.app import Application
from tests.company import Client, Company, Hiring

VERIFY = """query ($from: Int, $to: Int) { trailVerify(from: $from, to: $to) {
    isIntact checked lastSequence firstBroken { sequence problem message } } }"""


@pytest.fixture
async def company_with_trail(scratch: Application) -> Company:
    """A company whose trail has seven entries, two of them hers."""
    company = await Hiring(scratch).company()
    async with company.owner.signed_in() as owner:
        for turn in range(5):
            await owner.do("siteCreate", code=f"S{turn}", name="S")
    return company


async def found(company: Company, **part: int) -> Any:
    async with company.owner.signed_in() as owner:
        return (await owner.ask(VERIFY, **part))["trailVerify"]


async def test_a_whole_chain_is_intact_in_any_part(company_with_trail: Company) -> None:
    whole: dict[str, Any] = {"isIntact": True, "lastSequence": 7, "firstBroken": None}
    assert await found(company_with_trail) == {**whole, "checked": 7}
    for first, last, checked in ((3, 5, 3), (6, 100, 2), (7, 7, 1), (8, 9, 0), (50, 60, 0)):
        assert await found(company_with_trail, **{"from": first, "to": last}) == {
            **whole,
            "checked": checked,
        }


@pytest.mark.parametrize(
    ("statement", "sequence", "problem"),
    [
        ("UPDATE audit_entries SET changes = '{}' WHERE seq = 5", 5, "DIFFERENT"),
        ("UPDATE audit_entries SET payload = '{}' WHERE seq = 5", 5, "ALTERED"),
        ("DELETE FROM audit_entries WHERE seq = 6", 6, "MISSING"),
        ("DELETE FROM audit_entries WHERE seq = 7", 7, "MISSING"),
        ("UPDATE audit_heads SET seq = 6", 8, "BEYOND"),
    ],
)
async def test_tampering_is_found_at_its_place(
    company_with_trail: Company, statement: str, sequence: int, problem: str
) -> None:
    async with company_with_trail.application.engine.begin() as superuser:
        await superuser.execute(sa.text("SET LOCAL session_replication_role = replica"))
        await superuser.execute(sa.text(statement))
    verdict = await found(company_with_trail)
    assert not verdict["isIntact"]
    assert verdict["checked"] == sequence - 1
    broken = verdict["firstBroken"]
    assert (broken["sequence"], broken["problem"]) == (sequence, problem)
    assert broken["message"].endswith(".")
    before = await found(company_with_trail, **{"from": 1, "to": 4})
    assert (before["isIntact"], before["checked"]) == (True, 4)


@pytest.mark.parametrize(
    ("first", "last", "path"), [(0, 5, "from"), (5, 4, "to"), (1, 100_001, "to")]
)
async def test_a_part_has_a_beginning_and_an_end(
    api: Client, first: int, last: int, path: str
) -> None:
    answer = await api.send(VERIFY, **{"from": first, "to": last})
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert path in str(error)

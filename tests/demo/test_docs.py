"""The queries in docs/demo.md return rows."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from qgp.app import Application
from qgp.kit import clock
from qgp.kit.policy import Role
from tests.demo.visiting import signed_in

PAGE = Path(__file__).parents[2] / "docs" / "demo.md"
QUERIES = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split()[1].partition("(")[0])
async def test_a_query_to_paste_finds_something(seeded: Application, query: str) -> None:
    today = clock.today("Europe/Berlin")
    days = {"today": today, "from": today - timedelta(60), "to": today + timedelta(30)}
    variables = {name: str(day) for name, day in days.items() if f"${name}:" in query}
    async with signed_in(seeded, Role.QUALITY_MANAGER) as api:
        (connection,) = (await api.ask(query, **variables)).values()
    assert connection["totalCount"] > 0
    assert connection["nodes"][0]["reference"]

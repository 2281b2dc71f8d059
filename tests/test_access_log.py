from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.company import Client, Company, client

Lines = list[MutableMapping[str, Any]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What is logged during the test."""
    with capture_logs() as written:
        yield written


async def test_a_line_tells_who_asked_and_how_many_statements_it_took(
    lines: Lines, api: Client, company: Company
) -> None:
    await api.ask("{ viewer { user { name } } }")
    told = lines[-1]
    assert told["organization"] == f"org_{company.organization_id.hex}"
    assert told["user"] == company.owner.id
    assert told["statements"] == len(api.statements)


async def test_a_write_counts_the_statements_of_its_transaction(lines: Lines, api: Client) -> None:
    await api.do("siteCreate", code="S1", name="A site")
    assert lines[-1]["statements"] == len(api.statements) > 2


async def test_nobody_is_not_named(lines: Lines, company: Company) -> None:
    async with client(company.application) as nobody:
        await nobody.ask("{ __typename }")
    assert lines[-1]["statements"] == 0
    assert {"organization", "user"}.isdisjoint(lines[-1])

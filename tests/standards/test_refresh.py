"""Editions adopted before the catalogue became more detailed catch up with it."""

from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from qgp.standards.model import Clause, ClauseMapping
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.kit.work import work_of
from tests.standards import standard_commands
from tests.standards.test_mappings import all_mappings
from tests.standards.test_transition import carried, counts, gap

PARTS = ("9.2.1", "9.2.2")
ENTRY = "{ standardCatalogue { code isRefreshDue } }"


async def forget_parts(company: Company) -> None:
    """Make the library as it was when 9.2 of ISO 9001 was one requirement."""
    with patch.object(Clause, "removable", True):  # no command removes a clause
        await _forget_parts(company)


async def _forget_parts(company: Company) -> None:
    async with work_of(company) as work:
        parts = await work.rows(sa.select(Clause).where(Clause.number.in_(PARTS)))
        ids = [clause.id for clause in parts]
        for end in (ClauseMapping.from_clause_id, ClauseMapping.to_clause_id):
            await work.remove(*await work.rows(sa.select(ClauseMapping).where(end.in_(ids))))
        await work.remove(*parts)
        for whole in await work.rows(sa.select(Clause).where(Clause.number == "9.2")):
            await work.change(whole, {"is_requirement": True, "title": "Our audits"})


async def test_a_refresh_adds_parts_and_carries_the_assessment_of_the_whole_over(
    api: Client, company: Company
) -> None:
    older, newer = [await standard_commands.adopt(api, f"ISO9001:{year}") for year in (2015, 2026)]
    shipped, changes = await all_mappings(api), counts(await gap(api, older, newer))
    assert not await due(api)
    await forget_parts(company)
    whole = await standard_commands.clause(api, older, "9.2")
    site = (await api.do("siteCreate", "site { id }", code="HQ", name="HQ"))["site"]["id"]
    facts = {"implementation": "PARTIAL", "conformity": "MINOR_GAP"}
    for where in ({}, {"siteId": site}):
        assert (await api.do("clauseAssess", clauseId=whole, **facts, **where))["errors"] == []
    assert await due(api) == {"ISO9001:2015", "ISO9001:2026"}
    done = await api.do("standardRefresh", "standard { version }", id=newer, expectedVersion=1)
    assert done == {"standard": {"version": 2}, "errors": []}
    assert not await due(api)
    shown = """id title isRequirement children { nodes { number isRequirement } }
        assessments { nodes { id version conformity } }"""
    divided = await standard_commands.clause(api, older, "9.2", shown)
    assert (divided["title"], divided["isRequirement"]) == ("Our audits", False)
    parts = [{"number": number, "isRequirement": True} for number in PARTS]
    assert divided["children"]["nodes"] == parts
    assert [row["conformity"] for row in divided["assessments"]["nodes"]] == ["MINOR_GAP"] * 2
    assert [*await carried(api, older)] == [(n, s) for n in PARTS for s in (None, "HQ")]
    assert await all_mappings(api) == shipped
    assert counts(await gap(api, older, newer)) == changes
    async with unchanged(company):
        former = divided["assessments"]["nodes"][0]
        late = {"id": former["id"], "expectedVersion": former["version"], "maturity": 1}
        refused = await api.do("clauseAssessmentUpdate", **late)
        assert standard_commands.errors_of(refused) == [("BAD_USER_INPUT", "id")]
        again = await api.do("standardRefresh", id=newer, expectedVersion=2)
        assert again["errors"] == []


async def test_only_what_was_adopted_is_refreshed(api: Client, company: Company) -> None:
    standard = await standard_commands.write(api, "1")
    async with unchanged(company):
        refused = await api.do("standardRefresh", id=standard, expectedVersion=1)
        assert standard_commands.errors_of(refused) == [("BAD_USER_INPUT", "id")]


async def due(api: Client) -> set[str]:
    entries: list[dict[str, Any]] = (await api.ask(ENTRY))["standardCatalogue"]
    return {entry["code"] for entry in entries if entry["isRefreshDue"]}

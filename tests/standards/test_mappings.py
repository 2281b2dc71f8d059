"""How clauses of two standards answer each other: shipped, proposed, decided."""

from itertools import permutations
from typing import Any

import pytest

from qgp.standards.commands import catalogue
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.standards import standard_commands

SHIPPED = ("ISO9001:2015", "ISO14001:2015", "ISO9001:2026")
ENDS = """query ($after: String) { clauseMappings(first: 100, after: $after) {
    nodes { status relation strength basis changeKind
        fromStandard { code } fromClause { number } toStandard { code } toClause { number } }
    pageInfo { hasNextPage endCursor } totalCount } }"""
DECISIONS = [
    (["Confirm"], "CONFIRMED"),
    (["Reject"], "REJECTED"),
    (["Confirm", "Reject"], "REJECTED"),
    (["Reject", "Confirm"], "CONFIRMED"),
]


def mapping_of(row: Any) -> tuple[Any, ...]:
    """Return a mapping as plain facts."""
    ends = [(row[f"{side}Standard"]["code"], (row[f"{side}Clause"] or {}).get("number"))
            for side in ("from", "to")]  # fmt: skip
    return (*ends, row["relation"], row["strength"], row["basis"], row["changeKind"], row["status"])


async def all_mappings(api: Client) -> set[tuple[Any, ...]]:
    mappings: list[tuple[Any, ...]] = []
    after, more = None, True
    while more:
        page = (await api.ask(ENDS, after=after))["clauseMappings"]
        mappings += map(mapping_of, page["nodes"])
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert len(set(mappings)) == len(mappings) == page["totalCount"]
    return set(mappings)


@pytest.mark.parametrize("order", [*permutations(SHIPPED)])
async def test_adoption_maps_to_what_the_library_holds_in_any_order(
    api: Client, order: tuple[str, ...]
) -> None:
    for code in order:
        await standard_commands.adopt(api, code)
    shipped = {
        (
            (each.from_standard, each.from_number or None),
            (each.to_standard, each.to_number or None),
            each.relation.value,
            each.strength,
            each.basis.value,
            each.change_kind and each.change_kind.value,
            "PROPOSED",
        )
        for each in catalogue.mappings()
        if {each.from_standard, each.to_standard} <= set(SHIPPED)
    }
    assert len(shipped) == 66 + 28 + 28
    assert await all_mappings(api) == shipped


@pytest.fixture
async def pair(api: Client) -> list[str]:
    """Clauses 1 and 2 of one own standard and clause 1 of another."""
    one, other = (
        await standard_commands.write(api, "1", "2"),
        await standard_commands.write(api, "1", family="OTHER"),
    )
    return [
        await standard_commands.clause(api, *at) for at in ((one, "1"), (one, "2"), (other, "1"))
    ]


async def propose(api: Client, start: str, end: str, **facts: Any) -> Any:
    facts = {"relation": "SUBSET", "strength": 60, "note": "Same subject.", **facts}
    shown = (
        "clauseMapping { id status basis note fromClause { id } toClause { id } decidedBy { id } }"
    )
    return await api.do("clauseMappingPropose", shown, fromClauseId=start, toClauseId=end, **facts)


@pytest.mark.parametrize(("decisions", "status"), DECISIONS)
async def test_a_mapping_is_proposed_and_decided(
    api: Client, company: Company, pair: list[str], decisions: list[str], status: str
) -> None:
    start, _, end = pair
    payload = await propose(api, start, end)
    id = payload["clauseMapping"].pop("id")
    assert payload["clauseMapping"] == {
        "status": "PROPOSED",
        "basis": "ORG_JUDGEMENT",
        "note": "Same subject.",
        "fromClause": {"id": start},
        "toClause": {"id": end},
        "decidedBy": None,
    }
    shown = "clauseMapping { version status decidedBy { id } }"
    for decision in decisions:
        version = (await api.ask(READ, id=id))["clauseMapping"]["version"]
        decided = await api.do(f"clauseMapping{decision}", shown, id=id, expectedVersion=version)
        assert decided["errors"] == []
    assert decided["clauseMapping"]["status"] == status
    assert decided["clauseMapping"]["decidedBy"] == {"id": company.owner.id}
    async with unchanged(company):
        latest = decided["clauseMapping"]["version"]
        again = await api.do(
            f"clauseMapping{decisions[-1]}", "clauseMapping { status }",
            id=id, expectedVersion=latest,
        )  # fmt: skip
        assert standard_commands.errors_of(again) == [("TRANSITION_NOT_ALLOWED", None)]


READ = "query ($id: ID!) { clauseMapping(by: {id: $id}) { version } }"


@pytest.mark.parametrize(
    ("start", "end", "facts", "expected"),
    [
        (0, 1, {}, ("BAD_USER_INPUT", "toClauseId")),
        (0, 0, {}, ("BAD_USER_INPUT", "toClauseId")),
        (0, 2, {}, ("ALREADY_EXISTS", "toClauseId")),
        (1, 2, {"strength": 101}, ("OUT_OF_RANGE", "strength")),
        (1, 2, {"strength": -1}, ("OUT_OF_RANGE", "strength")),
    ],
)
async def test_a_wrong_proposal_changes_nothing(
    api: Client,
    company: Company,
    pair: list[str],
    start: int,
    end: int,
    facts: dict[str, Any],
    expected: tuple[str, str],
) -> None:
    assert (await propose(api, pair[0], pair[2]))["errors"] == []
    async with unchanged(company):
        payload = await propose(api, pair[start], pair[end], **facts)
        assert (payload["clauseMapping"], standard_commands.errors_of(payload)) == (
            None,
            [expected],
        )


async def test_a_clause_shows_its_mappings_from_both_ends_the_strongest_first(
    api: Client, pair: list[str]
) -> None:
    first, second, end = pair
    for start, strength in ((first, 40), (second, 90)):
        await propose(api, start, end, strength=strength)
    document = """query ($id: ID!) { clause(by: {id: $id}) { mappings { strength
        fromClause { number } } } }"""
    mappings = (await api.ask(document, id=end))["clause"]["mappings"]
    assert [(row["strength"], row["fromClause"]["number"]) for row in mappings] == [
        (90, "2"),
        (40, "1"),
    ]
    assert len((await api.ask(document, id=first))["clause"]["mappings"]) == 1


async def test_a_clause_shows_its_50_strongest_mappings(api: Client, pair: list[str]) -> None:
    end = pair[2]
    document = "{ clauses(first: 52, filter: {isRequirement: {eq: true}}) { nodes { id } } }"
    await standard_commands.adopt(api, "ISO9001:2015")
    near = [row["id"] for row in (await api.ask(document))["clauses"]["nodes"] if row["id"] != end]
    for strength, id in enumerate(near):
        ends = (id, end) if strength % 2 else (end, id)
        assert (await propose(api, *ends, strength=strength))["errors"] == []
    either = {"or": [{"fromClauseId": {"eq": end}}, {"toClauseId": {"eq": end}}]}
    document = """query ($ids: [ID!]!, $f: ClauseMappingFilter) {
        nodes(ids: $ids) { ... on Clause { mappings { strength } } }
        clauseMappings(filter: $f) { totalCount } }"""
    data = await api.ask(document, ids=[end, near[3]], f=either)
    shown = [[row["strength"] for row in clause["mappings"]] for clause in data["nodes"]]
    assert shown == [[*range(len(near) - 1, len(near) - 51, -1)], [3]]
    assert data["clauseMappings"] == {"totalCount": len(near)}
    assert len(near) > 50

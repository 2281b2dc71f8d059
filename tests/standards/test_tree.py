"""The tree of a standard of one's own: how deep it goes, and how clauses move in it."""

from tests.company import Client, Company
from tests.evidence import unchanged
from tests.standards import standard_commands


async def test_a_standard_has_at_most_20_levels(api: Client, company: Company) -> None:
    standard = await standard_commands.write(api, "1")
    above = await standard_commands.clause(api, standard, "1")
    tops = [above]
    for level in range(2, 21):
        above = await standard_commands.write_clause(api, standard, str(level), parentId=above)
        tops.append(above)
    ancestors = (await standard_commands.clause(api, standard, "20", "id ancestors { id }"))[
        "ancestors"
    ]
    assert [each["id"] for each in ancestors] == tops[:-1]
    other = await standard_commands.write_clause(api, standard, "top")
    async with unchanged(company):
        arguments = {"standardId": standard, "parentId": above, "number": "21", "title": "Too deep"}
        deep = await api.do("clauseCreate", **arguments)
        assert standard_commands.errors_of(deep) == [("BAD_USER_INPUT", "parentId")]
        assert "20 levels" in deep["errors"][0]["message"]
        moved = await api.do("clauseUpdate", id=tops[0], expectedVersion=1, parentId=other)
        assert standard_commands.errors_of(moved) == [("BAD_USER_INPUT", "parentId")]


async def test_a_clause_moves_with_all_below_it(api: Client, company: Company) -> None:
    standard = await standard_commands.write(api, "1", "2")
    one, two = [await standard_commands.clause(api, standard, number) for number in "12"]
    below = await standard_commands.write_clause(api, standard, "1.1", parentId=one)
    lowest = await standard_commands.write_clause(api, standard, "1.1.1", parentId=below)
    for parent in (below, lowest):
        async with unchanged(company):
            circle = await api.do("clauseUpdate", id=below, expectedVersion=1, parentId=parent)
            assert standard_commands.errors_of(circle) == [("BAD_USER_INPUT", "parentId")]
    shown = "clause { depth parent { id } controlTheme controlTypes securityProperties }"
    facts = {
        "controlTheme": "PEOPLE",
        "controlTypes": ["CORRECTIVE"],
        "securityProperties": ["INTEGRITY"],
    }
    moved = await api.do("clauseUpdate", shown, id=one, expectedVersion=1, parentId=two, **facts)
    assert moved == {"clause": {"depth": 1, "parent": {"id": two}, **facts}, "errors": []}
    record = await standard_commands.clause(api, standard, "1.1.1", "id depth ancestors { id }")
    assert record["depth"] == 3
    assert [each["id"] for each in record["ancestors"]] == [two, one, below]
    up = await api.do("clauseUpdate", shown, id=below, expectedVersion=2, parentId=None)
    assert (up["clause"]["depth"], up["clause"]["parent"]) == (0, None)
    record = await standard_commands.clause(api, standard, "1.1.1", "id depth")
    assert record == {"id": lowest, "depth": 1}


async def test_a_filter_asks_for_ancestors_as_often_as_it_likes(api: Client) -> None:
    standard = await standard_commands.write(api, "1", "2", "3")
    for number in "123":
        parent = await standard_commands.clause(api, standard, number)
        await standard_commands.write_clause(api, standard, f"{number}.1", parentId=parent)
    below = [{"ancestors": {"some": {"number": {"eq": number}}}} for number in "12"]
    query = "query ($filter: ClauseFilter) { clauses(filter: $filter) { nodes { number } } }"
    answer = await api.ask(query, filter={"or": below})
    assert [each["number"] for each in answer["clauses"]["nodes"]] == ["1.1", "2.1"]

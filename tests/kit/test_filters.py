"""Filters mean what they say, stay within the organization, and cannot grow without bounds."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qgp.app import Application
from qgp.organizations.model import Site
from tests.company import Client, Company, Hiring
from tests.kit.work import work_of

SITES = "query ($f: SiteFilter) { sites(filter: $f, first: 100) { nodes { code } totalCount } }"
PLACES = {
    "A": ("100% wool", "DE"),
    "B": ("100 wool", None),
    "C": ("a_b", "AT"),
    "D": ("aXb", None),
    "E": ("back\\slash", "DE"),
    "F": ("slash/ed", None),
    "G": ("Ümlaut", "FR"),
    "H": ("100% Wool", "FR"),
}


@pytest.fixture(scope="session")
async def places(application: Application) -> Company:
    """A company with sites whose names try to be patterns."""
    company = await Hiring(application).company()
    async with work_of(company) as work:
        await work.add(
            *[Site(code=code, name=name, country=land) for code, (name, land) in PLACES.items()]
        )
    return company


async def codes(company: Company, filter: Any) -> str:
    """Return the codes of the sites that the filter leaves, in one word."""
    async with company.owner.signed_in() as api:
        connection = (await api.ask(SITES, f=filter))["sites"]
    assert connection["totalCount"] == len(connection["nodes"])
    return "".join(node["code"] for node in connection["nodes"])


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ({"contains": "%"}, "AH"),
        ({"contains": "_"}, "C"),
        ({"contains": "\\"}, "E"),
        ({"contains": "/"}, "F"),
        ({"contains": "100% w"}, "AH"),
        ({"contains": "WOOL"}, "ABH"),
        ({"contains": "ümlaut"}, "G"),
        ({"startsWith": "100%"}, "AH"),
        ({"startsWith": "a_"}, "C"),
        ({"startsWith": "_"}, ""),
        ({"contains": "UMLAUT"}, "G"),
        ({"contains": "M\u0301LAU"}, "G"),
        ({"startsWith": "ümlaut"}, "G"),
        ({"startsWith": "umlaut"}, "G"),
        ({"startsWith": "U\u0308mlaut"}, "G"),
        ({"startsWith": "mlaut"}, ""),
        ({"startsWith": "AX"}, "D"),
        ({"eq": "100% wool"}, "A"),
        ({"eq": "%"}, ""),
        ({"in": ["a_b", "aXb", "nothing"]}, "CD"),
        ({"in": []}, ""),
        ({"notIn": ["a_b", "aXb", "nothing"]}, "ABEFGH"),
        ({"notIn": []}, "ABCDEFGH"),
        ({"contains": "'; DROP TABLE sites; --"}, ""),
    ],
    ids=str,
)
async def test_a_text_is_no_pattern(places: Company, name: dict[str, Any], left: str) -> None:
    assert await codes(places, {"name": name}) == left


@pytest.mark.parametrize(
    ("filter", "left"),
    [
        (None, "ABCDEFGH"),
        ({}, "ABCDEFGH"),
        ({"and": []}, "ABCDEFGH"),
        ({"or": []}, ""),
        ({"not": {}}, ""),
        ({"country": {"isNull": True}}, "BDF"),
        ({"country": {"isNull": False}}, "ACEGH"),
        ({"country": {"notIn": ["DE", "AT"]}}, "BDFGH"),
        ({"country": {"eq": "DE"}}, "AE"),
        ({"not": {"country": {"eq": "DE"}}}, "BCDFGH"),
        ({"not": {"not": {"country": {"eq": "DE"}}}}, "AE"),
        ({"or": [{"country": {"eq": "DE"}}, {"code": {"eq": "B"}}]}, "ABE"),
        ({"and": [{"country": {"eq": "DE"}}, {"code": {"eq": "B"}}]}, ""),
        ({"country": {"eq": "FR"}, "name": {"contains": "wool"}}, "H"),
        ({"country": {"eq": "FR"}, "or": [{"code": {"eq": "A"}}, {"code": {"eq": "G"}}]}, "G"),
    ],
    ids=str,
)
async def test_conditions_combine_as_they_read(places: Company, filter: Any, left: str) -> None:
    assert await codes(places, filter) == left


LEAF = st.one_of(
    st.fixed_dictionaries({"code": st.fixed_dictionaries({"eq": st.sampled_from("ABCDEFGH")})}),
    st.fixed_dictionaries({"country": st.fixed_dictionaries({"isNull": st.booleans()})}),
    st.fixed_dictionaries(
        {"country": st.fixed_dictionaries({"eq": st.sampled_from(["DE", "FR"])})}
    ),
)


def above(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, max_size=3)
    return st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"and": several}),
        st.fixed_dictionaries({"or": several}),
        st.fixed_dictionaries({"code": st.just({"in": ["A", "B", "G"]}), "not": inner}),
    )


def holds(filter: dict[str, Any], code: str) -> bool:
    """Say whether a site passes, in plain Python."""
    country = PLACES[code][1]
    test: dict[str, Callable[[Any], bool]] = {
        "and": lambda operand: all(holds(one, code) for one in operand),
        "or": lambda operand: any(holds(one, code) for one in operand),
        "not": lambda operand: not holds(operand, code),
        "code": lambda operand: (
            code == operand.get("eq", code) and code in operand.get("in", [code])
        ),
        "country": lambda operand: (
            (country is None) is operand["isNull"]
            if "isNull" in operand
            else country == operand["eq"]
        ),
    }
    return all(test[name](value) for name, value in filter.items())


@settings(max_examples=60, deadline=None)
@given(filter=st.one_of(LEAF, above(LEAF), above(above(LEAF))))
async def test_any_filter_leaves_what_logic_leaves(places: Company, filter: Any) -> None:
    assert await codes(places, filter) == "".join(code for code in PLACES if holds(filter, code))


def nested(levels: int) -> dict[str, Any]:
    return {"code": {"eq": "A"}} if levels == 1 else {"not": nested(levels - 1)}


async def refusal(api: Client, filter: Any) -> tuple[str, Any]:
    (error,) = (await api.send(SITES, f=filter))["errors"]
    return error["extensions"]["code"], error["extensions"].get("path")


async def test_a_filter_nests_three_levels(api: Client) -> None:
    await api.ask(SITES, f=nested(3))
    assert await refusal(api, nested(4)) == ("BAD_USER_INPUT", ["filter"])
    assert await refusal(api, nested(12)) == ("BAD_USER_INPUT", ["filter"])


async def test_a_filter_holds_fifty_conditions(api: Client) -> None:
    one = {"code": {"eq": "A"}}
    await api.ask(SITES, f={"or": [one] * 50})
    assert await refusal(api, {"or": [one] * 51}) == ("BAD_USER_INPUT", ["filter"])
    spread = {"or": [one] * 25, "and": [one] * 25, "name": {"eq": "A"}}
    assert await refusal(api, spread) == ("BAD_USER_INPUT", ["filter"])


async def test_a_condition_lists_a_hundred_values(api: Client) -> None:
    await api.ask(SITES, f={"code": {"in": ["A"] * 100}})
    code, _ = await refusal(api, {"code": {"in": ["A"] * 101}})
    assert code == "BAD_USER_INPUT"
    listed = ", ".join(['"A"'] * 101)
    document = f"{{ sites(filter: {{code: {{in: [{listed}]}}}}) {{ totalCount }} }}"
    assert await api.refusal(document) == "BAD_USER_INPUT"


@pytest.mark.parametrize("id", ["", "x", "std_" + 32 * "0", "sit_" + 31 * "0", "sit_" + 32 * "G"])
async def test_an_id_in_a_filter_is_of_the_right_kind(api: Client, id: str) -> None:
    assert await refusal(api, {"id": {"eq": id}}) == ("BAD_USER_INPUT", ["filter", "id", "eq"])
    assert await refusal(api, {"parentId": {"in": [id]}}) == (
        "BAD_USER_INPUT",
        ["filter", "parentId", "in"],
    )


@pytest.mark.parametrize("operators", [{"eq": None}, {"contains": None}, {"in": None}])
async def test_null_is_refused_rather_than_read_as_anything(
    api: Client, operators: dict[str, None]
) -> None:
    path = ["filter", "name", *operators]
    assert await refusal(api, {"name": operators}) == ("BAD_USER_INPUT", path)


@pytest.mark.parametrize(
    ("filter", "path"),
    [
        ({"name": None}, ["name"]),
        ({"parentId": None}, ["parentId"]),
        ({"or": None}, ["or"]),
        ({"and": None}, ["and"]),
        ({"not": None}, ["not"]),
        ({"not": {"name": None}}, ["not", "name"]),
        ({"or": [{"name": None}, {"code": {"eq": "A"}}]}, ["or", "0", "name"]),
        ({"and": [{"code": {"eq": "A"}}, {"name": {"eq": None}}]}, ["and", "1", "name", "eq"]),
    ],
)
async def test_null_in_any_field_is_refused_where_it_stands(
    api: Client, filter: Any, path: list[str]
) -> None:
    assert await refusal(api, filter) == ("BAD_USER_INPUT", ["filter", *path])
    (error,) = (await api.send(SITES, f=filter))["errors"]
    message = f"`{path[-1]}` is null. Omit it, or use `isNull` to match empty values."
    assert error["message"] == message


async def test_an_absent_field_is_no_condition(api: Client) -> None:
    everything = await api.ask(SITES, f={})
    assert everything == await api.ask(SITES, f=None) == await api.ask(SITES)


async def test_a_relation_does_not_reach_into_another_organization(
    company_with_standards: Company, other_company_with_standards: Company
) -> None:
    reach = """query ($f: ClauseFilter, $a: ClauseAssessmentFilter) {
        clauses(filter: $f) { totalCount } clauseAssessments(filter: $a) { totalCount } }"""
    seen = "{ standards { nodes { id clauses(first: 1) { nodes { id } } } } }"
    async with other_company_with_standards.owner.signed_in() as theirs:
        foreign = (await theirs.ask(seen))["standards"]["nodes"][0]
    ids = {"standard": {"id": {"eq": foreign["id"]}}}
    clause = {"clause": {"id": {"eq": foreign["clauses"]["nodes"][0]["id"]}}}
    async with company_with_standards.owner.signed_in() as mine:
        foreign_answer = await mine.ask(reach, f=ids, a=clause)
        native = await mine.ask(reach, f={"standard": {"familyCode": {"eq": "ISO9001"}}}, a={})
    assert foreign_answer == {"clauses": {"totalCount": 0}, "clauseAssessments": {"totalCount": 0}}
    assert native["clauses"]["totalCount"] > 50
    assert native["clauseAssessments"]["totalCount"] == 1


async def test_a_relation_of_a_relation_is_followed(company_with_standards: Company) -> None:
    document = "query ($a: ClauseAssessmentFilter) { clauseAssessments(filter: $a) { totalCount } }"
    for edition, count in (("2015", 1), ("2026", 0)):
        standard = {"clause": {"standard": {"code": {"eq": f"ISO9001:{edition}"}}}}
        async with company_with_standards.owner.signed_in() as api:
            answer = await api.ask(document, a=standard)
        assert answer["clauseAssessments"]["totalCount"] == count

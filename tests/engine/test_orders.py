"""Orders on both read paths: enums by rank, texts by sort key, pages by cursor."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.app import Application
from qgp.findings.model import FindingStatus
from qgp.kit.gql import derived
from qgp.kit.listing import key_of
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from qgp.organizations.model import Site
from qgp.users.model import User
from tests.actions import action_commands
from tests.company import Company, Hiring
from tests.engine.read_paths import ReadPaths
from tests.kit.built import BUILT
from tests.kit.work import work_of

PAGES = """query ($by: [{kind}Order!], $first: Int, $after: String, $last: Int, $before: String) {{
    {root}(orderBy: $by, first: $first, after: $after, last: $last, before: $before) {{
        nodes {{ {field} }}
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""


async def walked(
    read_paths: ReadPaths, company: Company, document: str, by: Any, *, backward: bool = False
) -> Sequence[Any]:
    """Return the field of all rows, page by page of two, in the order of the list."""
    size, place, edge, more = (
        ("last", "before", "startCursor", "hasPreviousPage")
        if backward
        else ("first", "after", "endCursor", "hasNextPage")
    )
    values: list[Any] = []
    cursor = None
    while True:
        arguments = {size: 2, place: cursor, "by": by}
        answer = await read_paths.same(company.owner.token, document, **arguments)
        assert answer.reason is None
        (page,) = answer.data.values()
        shown = [next(iter(node.values())) for node in page["nodes"]]
        values = [*shown, *values] if backward else [*values, *shown]
        if not page["pageInfo"][more]:
            return values
        cursor = page["pageInfo"][edge]


async def assert_ordered(
    read_paths: ReadPaths,
    company: Company,
    kind: str,
    root: str,
    field: str,
    expected: Sequence[str],
) -> None:
    """Assert what is listed by a field, both ways and from either end."""
    document = PAGES.format(kind=kind, root=root, field=field)
    for direction, values in (("ASC", [*expected]), ("DESC", [*reversed(expected)])):
        by = [{"field": field.upper(), "direction": direction}]
        assert await walked(read_paths, company, document, by) == values
        assert await walked(read_paths, company, document, by, backward=True) == values


async def test_states_and_grades_are_ordered_by_rank(
    read_paths: ReadPaths, company: Company
) -> None:
    dates = {"closed_on": date(2026, 2, 1), "accepted_until": date(2099, 1, 1)}
    for status in sorted(FindingStatus):
        await action_commands.finding(company, status, **dates)
    for grade in sorted(FindingGrade):
        await action_commands.finding(company, grade=grade, status=FindingStatus.VOID)
    states = [*(state.value for state in FindingStatus), *["VOID"] * len(FindingGrade)]
    await assert_ordered(read_paths, company, "Finding", "findings", "status", states)
    grades = [*["MINOR"] * len(FindingStatus), *(grade.value for grade in FindingGrade)]
    grades.sort(key=[*FindingGrade].index)
    await assert_ordered(read_paths, company, "Finding", "findings", "grade", grades)


async def test_references_are_ordered_by_number(read_paths: ReadPaths, company: Company) -> None:
    numbers = [9_999, 10_000, 1_000, 10_010, 1]
    references = [f"GP-2026-{number:04d}" for number in numbers]
    for reference in references:
        await action_commands.finding(company, reference=reference)
    ordered = [reference for _, reference in sorted(zip(numbers, references, strict=True))]
    await assert_ordered(read_paths, company, "Finding", "findings", "reference", ordered)


async def test_names_are_ordered_without_case_and_accents_and_numbers_by_value(
    read_paths: ReadPaths, company: Company
) -> None:
    names = ["Zebra", "S10", "ananas", "Ärger", "S2", "Łódź"]
    async with work_of(company) as work:
        await work.add(*[Site(code=f"C{len(name)}-{name[:1]}", name=name) for name in names])
    ordered = ["ananas", "Ärger", "Łódź", "S2", "S10", "Zebra"]
    await assert_ordered(read_paths, company, "Site", "sites", "name", ordered)


async def test_findings_are_ordered_by_the_names_of_their_owners(
    read_paths: ReadPaths, company: Company
) -> None:
    people = [await company.hire(Role.EMPLOYEE) for _ in range(3)]
    names = ["Zoë", "Ärne 10", "Ärne 9"]
    async with work_of(company) as work:
        for person, name in zip(people, names, strict=True):
            await work.change(await work.get(User, person.user_id), {"name": name})
    owners = [*(person.user_id for person in people), None]
    for owner_id, title in zip(owners, ["Z", "10", "9", "nobody"], strict=True):
        await action_commands.finding(company, title=title, owner_id=owner_id)
    document = PAGES.format(kind="Finding", root="findings", field="title")
    for direction, expected in (
        ("ASC", ["9", "10", "Z", "nobody"]),
        ("DESC", ["nobody", "Z", "10", "9"]),
    ):
        by = [{"field": "OWNER_NAME", "direction": direction}]
        assert await walked(read_paths, company, document, by) == expected
        assert await walked(read_paths, company, document, by, backward=True) == expected


@pytest.fixture(scope="module")
async def named(application: Application) -> Company:
    """A company with three sites, whose names have letters of their own."""
    company = await Hiring(application).company()
    async with work_of(company) as work:
        names = ("Łódź", "Straße 12", "ΟΔΟΣ")
        await work.add(*[Site(code=str(place), name=name) for place, name in enumerate(names)])
    return company


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ({"contains": "lodz"}, ["Łódź"]),
        ({"contains": "STRASSE"}, ["Straße 12"]),
        ({"contains": "Straße 1"}, ["Straße 12"]),
        ({"contains": "οδος"}, ["ΟΔΟΣ"]),
        ({"startsWith": "ŁOD"}, ["Łódź"]),
        ({"startsWith": "odz"}, []),
        ({"notIn": ["Łódź", "ΟΔΟΣ"]}, ["Straße 12"]),
        ({"eq": "lodz"}, []),
    ],
    ids=str,
)
async def test_texts_are_found_without_case_and_accents(
    read_paths: ReadPaths, named: Company, name: Any, expected: Sequence[str]
) -> None:
    document = "query ($f: SiteFilter) { sites(filter: $f) { totalCount nodes { name } } }"
    answer = await read_paths.same(named.owner.token, document, f={"name": name})
    assert answer.reason is None
    assert [node["name"] for node in answer.data["sites"]["nodes"]] == expected


def test_every_order_is_the_same_whatever_the_locale_of_the_database() -> None:
    """By rank, by a key, or by a text that is declared to be compared by bytes."""
    assert BUILT  # which derives the orders
    orders = [value for name, value in vars(derived).items() if name.endswith("Order")]
    ranked, texts = 0, 0
    for order in orders:
        filter = getattr(derived, order.__name__.replace("Order", "Filter"))
        for name in order.attributes.values():
            if "." in name:  # a text of a related record, by its key
                continue
            attribute = getattr(filter.model, name)
            expression = key_of(attribute).expression
            ranked += isinstance(expression, sa.Case)
            assert isinstance(expression, sa.Case) == isinstance(attribute.type, sa.Enum), name
            if isinstance(expression.type, sa.Text):
                assert expression.type.collation == "C", (order.__name__, name)
                texts += 1
    assert ranked > 10
    assert texts > 20

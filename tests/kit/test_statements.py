"""What a read costs in statements: the same for two rows as for a hundred."""

import pytest

from qgp.app import Application
from qgp.kit.policy import Role
from qgp.organizations.model import Site
from tests.company import Client, Company, Hiring
from tests.kit.work import work_of


@pytest.fixture(scope="session")
async def company_with_data(application: Application) -> Company:
    """A company with three standards and a hundred nested sites."""
    company = await Hiring(application).company()
    async with work_of(company) as work:
        head = await work.add(Site(code="000", name="Head"))
        below = (Site(code=f"{n:03}", name="Branch", parent_id=head.id) for n in range(1, 101))
        await work.add(*below)
    async with company.owner.signed_in() as owner:
        for family, edition in (("ISO9001", "2015"), ("ISO9001", "2026"), ("ISO14001", "2015")):
            await owner.do("standardAdopt", familyCode=family, edition=edition)
    return company


SHAPES = {
    "belongs to": "sites(first: $n) { nodes { name parent { name parent { name } } } }",
    "pages below": "clauses(first: $n) { nodes { number children(first: 2) { nodes { id } } } }",
    "counts below": "clauses(first: $n) { nodes { children(first: 2) { totalCount } } }",
    "everything": """clauses(first: $n) { totalCount pageInfo { endCursor } nodes {
        number standard { code } parent { number } ancestors { number }
        mappings { toClause { number } fromStandard { code } }
        assessment { conformity } assessments(first: 1) { totalCount nodes { id } } } }""",
    "nodes": "sites(first: $n) { nodes { id viewerCanUpdate version createdAt } }",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
async def test_a_hundred_rows_cost_the_statements_of_two(
    company_with_data: Company, shape: str
) -> None:
    document = f"query ($n: Int!) {{ {shape} }}"
    counts = []
    async with company_with_data.owner.signed_in() as api:
        for size in (2, 100):
            await api.ask(document, n=size)
            counts.append(len(api.statements))
    few, many = counts
    # Two rows may lack what a hundred have: a parent's parent, a mapping.
    assert many - few <= document.count("{") - 3
    async with company_with_data.owner.signed_in() as api:
        await api.ask(document, n=60)
        assert len(api.statements) == many


async def counts(api: Client, fields: str) -> bool:
    await api.ask(f"{{ sites(first: 2) {{ {fields} }} }}")
    (statement,) = api.statements
    return "count(" in statement


async def test_rows_are_counted_only_where_the_count_is_selected(
    company_with_data: Company,
) -> None:
    async with company_with_data.owner.signed_in() as api:
        await api.ask("{ __typename }")  # from now on the sign-in is known
        assert not await counts(api, "nodes { id }")
        assert not await counts(api, "edges { cursor } pageInfo { hasNextPage endCursor }")
        assert await counts(api, "nodes { id } totalCount")
        assert not await counts(api, "nodes { id } totalCount @skip(if: true)")


async def test_every_parent_has_a_page_of_its_own_from_one_statement(
    company_with_data: Company,
) -> None:
    page = """{ nodes { number } totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"""
    async with company_with_data.owner.signed_in() as api:
        await api.ask("{ __typename }")  # from now on the sign-in is known
        answer = await api.ask(f"{{ standards {{ nodes {{ clauses(first: 3) {page} }} }} }}")
        assert len(api.statements) == 3  # standards, pages and their counts
        lists = [node["clauses"] for node in answer["standards"]["nodes"]]
        assert len(lists) == 3
        for listed in lists:
            assert len(listed["nodes"]) == 3
            assert listed["totalCount"] > 40
            assert listed["pageInfo"]["hasNextPage"]
        ends = [listed["pageInfo"]["endCursor"] for listed in lists]
        assert len(set(ends)) == 3
        last = await api.ask(f"{{ standards {{ nodes {{ clauses(last: 2) {page} }} }} }}")
        for listed in (node["clauses"] for node in last["standards"]["nodes"]):
            assert (len(listed["nodes"]), listed["pageInfo"]["hasNextPage"]) == (2, False)


async def test_pages_below_a_parent_go_on_where_they_stopped(company_with_data: Company) -> None:
    document = """query ($after: String) { standard(by: {code: "ISO9001:2015"}) {
        clauses(first: 40, after: $after) { nodes { number } totalCount
            pageInfo { hasNextPage endCursor } } } }"""
    seen: list[str] = []
    after = None
    async with company_with_data.owner.signed_in() as api:
        while True:
            page = (await api.ask(document, after=after))["standard"]["clauses"]
            seen.extend(node["number"] for node in page["nodes"])
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
    assert len(seen) == len(set(seen)) == page["totalCount"]
    assert seen.index("8.5.1") < seen.index("8.5.2") < seen.index("10.1")


async def test_blockers_of_all_rows_are_read_in_one_statement(company: Company) -> None:
    document = "{ users(first: 100) { nodes { availableTransitions { isAllowed } } } }"
    async with company.owner.signed_in() as api:
        await company.hire(Role.EMPLOYEE)
        await api.ask(document)
        few = len(api.statements)
        for _ in range(8):
            await company.hire(Role.EMPLOYEE)
        await api.ask(document)
        assert len(api.statements) == few

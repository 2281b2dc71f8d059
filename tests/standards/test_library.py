"""Reading the library: order, filters, trees, and what it costs."""

from typing import Any

import pytest

from qgp.kit.policy import Role
from qgp.standards.commands import catalogue
from tests.company import Client, Company, Hiring, texts
from tests.evidence import unchanged
from tests.matrix import role_cases
from tests.standards import standard_commands

READERS = set(Role) - {Role.SUPPLIER_CONTACT}
WRITERS = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER}
BRANCH = """{ number parent { number } ancestors { number title } children { nodes { number } }
    standard { code } }"""


async def test_the_catalogue_says_what_can_be_adopted_and_what_was(api: Client) -> None:
    id = await standard_commands.adopt(api, "ISO9001:2015")
    document = "{ standardCatalogue { code clauseCount requirementCount status adopted { id } } }"
    entries = {entry["code"]: entry for entry in (await api.ask(document))["standardCatalogue"]}
    assert set(entries) == {edition.key for edition in catalogue.editions()}
    assert entries["ISO9001:2015"] == {
        "code": "ISO9001:2015",
        "clauseCount": 91,
        "requirementCount": 65,
        "status": "ACTIVE",
        "adopted": {"id": id},
    }
    assert (entries["ISO9001:2026"]["status"], entries["ISO9001:2026"]["adopted"]) == (
        "DRAFT",
        None,
    )


@pytest.mark.parametrize("size", [1, 2, 100])
async def test_pages_follow_the_natural_order_of_numbers(api: Client, size: int) -> None:
    id = await standard_commands.write(
        api, "8.10", "10", "8.9", "8", "8.10.1", "8.9.2", "A.5.10", "A.5.2"
    )
    ordered = ["8", "8.9", "8.9.2", "8.10", "8.10.1", "10", "A.5.2", "A.5.10"]
    assert await standard_commands.numbers(api, id, size=size) == ordered


async def test_an_adopted_standard_reads_as_the_catalogue_has_it(api: Client) -> None:
    id = await standard_commands.adopt(api, "ISO27001:2022")
    shipped = catalogue.edition("ISO27001", "2022")
    assert shipped is not None
    numbers = await standard_commands.numbers(api, id, size=40)
    assert sorted(numbers) == sorted(clause.number for clause in shipped.clauses)
    assert numbers.index("A.8.9") + 1 == numbers.index("A.8.10")


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (
            {"number": {"startsWith": "7.1."}},
            [f"7.1.{n}" for n in ("1", "2", "3", "4", "5", "5.1", "5.2", "6")],
        ),
        ({"number": {"in": ["10.2", "9.2"]}}, ["9.2", "10.2"]),
        ({"theme": {"eq": "POLICY"}}, ["5.2", "5.2.1", "5.2.2"]),
        ({"theme": {"eq": "POLICY"}, "isRequirement": {"eq": True}}, ["5.2.1", "5.2.2"]),
        ({"title": {"contains": "CUSTOMER F"}}, ["5.1.2"]),
        ({"summary": {"contains": "calibrated to a traceable"}}, ["7.1.5"]),
        ({"text": {"isNull": False}}, []),
        ({"or": [{"number": {"eq": "4"}}, {"title": {"eq": "Scope"}}]}, ["4", "4.3"]),
        ({"number": {"startsWith": "4"}, "not": {"parentId": {"isNull": False}}}, ["4"]),
        ({"standard": {"familyCode": {"eq": "ISO14001"}}}, []),
    ],
)
async def test_clauses_are_filtered(api: Client, filter: Any, expected: list[str]) -> None:
    standard = await standard_commands.adopt(api, "ISO9001:2015")
    await standard_commands.write(api, "4", "7.1.1")
    assert await standard_commands.numbers(api, standard, filter) == expected
    data = await api.ask(
        "query ($filter: ClauseFilter) { clauses(filter: $filter) { nodes { number } } }",
        filter={"and": [{"standardId": {"eq": standard}}, filter]},
    )
    assert texts(data["clauses"]["nodes"], "number") == expected


async def test_a_clause_knows_its_place_in_the_tree(api: Client) -> None:
    standard = await standard_commands.adopt(api, "ISO9001:2015")
    assert await standard_commands.clause(api, standard, "8.5", BRANCH.strip("{}")) == {
        "number": "8.5",
        "parent": {"number": "8"},
        "ancestors": [{"number": "8", "title": "Operation"}],
        "children": {"nodes": [{"number": f"8.5.{n}"} for n in range(1, 7)]},
        "standard": {"code": "ISO9001:2015"},
    }
    leaf = await standard_commands.clause(api, standard, "8.5.1", BRANCH.strip("{}"))
    assert texts(leaf["ancestors"], "number") == ["8", "8.5"]
    assert leaf["children"]["nodes"] == []


async def test_a_standard_is_found_by_id_and_by_code(api: Client) -> None:
    id = await standard_commands.adopt(api, "ISO9001:2015")
    document = "query ($by: StandardBy!) { standard(by: $by) { id } }"
    assert await api.ask(document, by={"id": id}) == {"standard": {"id": id}}
    assert await api.ask(document, by={"code": "ISO9001:2015"}) == {"standard": {"id": id}}
    assert await api.ask(document, by={"code": "ISO9001:1900"}) == {"standard": None}
    assert await api.ask("{ standards { totalCount } }") == {"standards": {"totalCount": 1}}


@pytest.mark.parametrize(
    "role", role_cases(Role.QUALITY_MANAGER, Role.EMPLOYEE, Role.SUPPLIER_CONTACT)
)
async def test_who_may_read_and_write_the_library(company: Company, role: Role) -> None:
    person = await company.hire(role)
    async with person.signed_in() as api:
        for field in ("standards { totalCount }", "clauses { totalCount }",
                      "clauseMappings { totalCount }", "clauseAssessments { totalCount }",
                      "standardCatalogue { code }"):  # fmt: skip
            answer = await api.send(f"{{ {field} }}")
            assert ("errors" not in answer) == (role in READERS)
        arguments = {"familyCode": "ISO9001", "edition": "2015"}
        document = """mutation ($input: StandardAdoptInput!) {
            standardAdopt(input: $input) { errors { code } } }"""
        if role in WRITERS:
            assert await api.ask(document, input=arguments) == {"standardAdopt": {"errors": []}}
        else:
            async with unchanged(company):
                assert await api.refusal(document, input=arguments) == "FORBIDDEN"


async def test_a_library_belongs_to_one_organization(api: Client, hire: Hiring) -> None:
    standard = await standard_commands.adopt(api, "ISO9001:2015")
    async with (await hire.company()).owner.signed_in() as other:
        await standard_commands.adopt(other, "ISO9001:2015")
        document = "query ($id: ID!) { standard(by: {id: $id}) { id } standards { totalCount } }"
        data = await other.ask(document, id=standard)
        assert data == {"standard": None, "standards": {"totalCount": 1}}


SHAPES = {
    "library": """{ standards(first: 1) { nodes { code clauses(first: %d) { totalCount nodes {
        number children(first: 5) { nodes { number } }
        mappings { toClause { number standard { code } } } } } } } }""",
    "tree": "{ clauses(first: %d) { nodes { number parent { number } ancestors { number } } } }",
    "assessments": """{ clauseAssessments(first: %d) { totalCount nodes {
        clause { number standard { code } } owner { name } site { name } } } }""",
    "clauses": "{ clauses(first: %d) { nodes { assessment { conformity } standard { code } } } }",
}


@pytest.fixture
async def full(api: Client) -> Client:
    """A library of two standards with mappings and a hundred assessments, by owner and by site."""
    standard = await standard_commands.adopt(api, "ISO27001:2022")
    await standard_commands.adopt(api, "ISO9001:2015")
    site = await api.do("siteCreate", "site { id }", code="HQ", name="Head office")
    me = (await api.ask("{ viewer { user { id } } }"))["viewer"]["user"]["id"]
    query = """query ($id: ID!) { clauses(first: 100, filter: {standardId: {eq: $id},
        isRequirement: {eq: true}}) { nodes { id } } }"""
    assess, why = "mutation ({0}) {{ {1} }}", {"justification": "Risk."}
    ids = texts((await api.ask(query, id=standard))["clauses"]["nodes"], "id")
    for start in range(0, 100, 5):
        variables = {
            f"i{n}": {"clauseId": id, "siteId": site["site"]["id"], "ownerId": me, **why}
            for n, id in enumerate(ids[start : start + 5])
        }
        document = assess.format(
            ", ".join(f"${name}: ClauseAssessInput!" for name in variables),
            " ".join(f"{n}: clauseAssess(input: ${n}) {{ errors {{ code }} }}" for n in variables),
        )
        done = await api.ask(document, **variables)
        assert all(payload == {"errors": []} for payload in done.values())
    return api


async def test_statements_do_not_grow_with_the_rows(full: Client) -> None:
    for name, shape in SHAPES.items():
        counts = []
        for size in (2, 40, 100):
            await full.ask(shape % size)
            counts.append(len(full.statements))
        few, many, most = counts  # a few rows may come with all their lists in one statement
        assert few <= many == most <= 12, (name, counts)

"""Standards and clauses of one's own, and what stays fixed in those from outside."""

from typing import Any

import pytest

from tests.company import Client, Company, Hiring
from tests.evidence import trail_length, unchanged
from tests.standards import standard_commands

FACTS = "id version number title summary text isRequirement depth theme withdrawnAt"
MOVES = {
    "standardActivate": "ACTIVE",
    "standardSupersede": "SUPERSEDED",
    "standardWithdraw": "WITHDRAWN",
}


async def test_a_standard_of_ones_own_starts_as_a_draft(api: Client) -> None:
    payload = await api.do(
        "standardCreate",
        "standard { code origin status version publisher clauses { totalCount } } "
        "standardEdge { cursor node { code } }",
        familyCode="HOUSE",
        edition="2026",
        title="  House rules  ",
        kind="SCHEME",
        publisher="We",
    )
    assert payload["standardEdge"].pop("cursor")
    assert payload == {
        "standard": {
            "code": "HOUSE:2026",
            "origin": "OWN",
            "status": "DRAFT",
            "version": 1,
            "publisher": "We",
            "clauses": {"totalCount": 0},
        },
        "standardEdge": {"node": {"code": "HOUSE:2026"}},
        "errors": [],
    }


async def test_absent_keeps_null_clears_a_value_sets(api: Client) -> None:
    id = await standard_commands.write(api, publisher="We", sourceUrl="https://rules.example")
    payload = await api.do(
        "standardUpdate",
        "standard { title publisher sourceUrl version }",
        id=id,
        expectedVersion=1,
        title="Our rules",
        publisher=None,
    )
    kept = {"title": "Our rules", "publisher": None, "sourceUrl": "https://rules.example/"}
    assert payload == {"standard": kept | {"version": 2}, "errors": []}


async def test_the_source_of_a_standard_is_an_address_of_the_web(
    api: Client, company: Company
) -> None:
    id = await standard_commands.write(api)
    arguments = {"id": id, "expectedVersion": 1, "sourceUrl": "javascript:alert(1)"}
    async with unchanged(company):
        payload = await api.do("standardUpdate", **arguments)
        assert standard_commands.errors_of(payload) == [("INVALID_FORMAT", "sourceUrl")]
    blank = {**arguments, "sourceUrl": "https://x.example/Größe 1.pdf "}
    payload = await api.do("standardUpdate", "standard { sourceUrl }", **blank)
    assert payload["standard"] == {"sourceUrl": "https://x.example/Gr%C3%B6%C3%9Fe%201.pdf"}


async def test_a_standard_goes_through_its_life(api: Client) -> None:
    id = await standard_commands.write(api)
    shown = "standard { status version availableTransitions { name to isAllowed } }"
    seen = []
    for version, move in enumerate(MOVES, start=1):
        payload = await api.do(move, shown, id=id, expectedVersion=version)
        assert payload["errors"] == []
        assert payload["standard"]["status"] == MOVES[move]
        seen.append([option["name"] for option in payload["standard"]["availableTransitions"]])
    assert seen == [
        ["standardSupersede", "standardWithdraw"],
        ["standardActivate", "standardWithdraw"],
        [],
    ]
    again = await api.do("standardActivate", "standard { status }", id=id, expectedVersion=4)
    assert (again["standard"], standard_commands.errors_of(again)) == (
        {"status": "WITHDRAWN"},
        [("TRANSITION_NOT_ALLOWED", None)],
    )
    assert [blocker["code"] for blocker in again["errors"][0]["blockers"]] == ["WRONG_STATE"]


async def test_a_clause_is_written_changed_and_withdrawn(api: Client, company: Company) -> None:
    standard = await standard_commands.write(api, "1")
    top = await standard_commands.clause(api, standard, "1")
    id = await standard_commands.write_clause(
        api, standard, "1.1", parentId=top, summary="Look twice.", controlTypes=["DETECTIVE"]
    )
    length = await trail_length(company)
    payload = await api.do(
        "clauseUpdate",
        f"clause {{ {FACTS} controlTypes parent {{ id }} }}",
        id=id,
        expectedVersion=1,
        number="1.10",
        theme="POLICY",
        summary=None,
    )
    expected = {
        "id": id,
        "version": 2,
        "number": "1.10",
        "title": "Rule 1.1",
        "summary": None,
        "text": None,
        "isRequirement": True,
        "depth": 1,
        "theme": "POLICY",
        "withdrawnAt": None,
        "controlTypes": ["DETECTIVE"],
        "parent": {"id": top},
    }
    assert payload == {"clause": expected, "errors": []}
    await standard_commands.write_clause(api, standard, "1.9")
    assert await standard_commands.numbers(api, standard) == ["1", "1.9", "1.10"]
    gone = await api.do("clauseWithdraw", f"clause {{ {FACTS} }}", id=id, expectedVersion=2)
    assert gone["clause"]["withdrawnAt"] is not None
    assert (gone["clause"]["version"], gone["errors"]) == (3, [])
    assert await trail_length(company) == length + 3


async def test_an_adopted_clause_keeps_its_number_and_takes_our_words(
    api: Client, company: Company
) -> None:
    standard = await standard_commands.adopt(api, "ISO9001:2015")
    id = await standard_commands.clause(api, standard, "8.5.1")
    async with unchanged(company):
        payload = await api.do(
            "clauseUpdate", "clause { id }", id=id, expectedVersion=1, number="8.5.9", title="X"
        )
        assert (payload["clause"], standard_commands.errors_of(payload)) == (
            None,
            [("BAD_USER_INPUT", "number")],
        )
    payload = await api.do(
        "clauseUpdate",
        "clause { number title }",
        id=id,
        expectedVersion=1,
        number="8.5.1",
        title="At the line",
    )
    assert payload == {"clause": {"number": "8.5.1", "title": "At the line"}, "errors": []}


@pytest.fixture
async def standards(api: Client) -> dict[str, str]:
    """An adopted and two own standards with a clause each."""
    ids = {
        "adopted": await standard_commands.adopt(api, "ISO9001:2015"),
        "own": await standard_commands.write(api, "1"),
        "other": await standard_commands.write(api, "1", family="OTHER"),
    }
    ids["clause"] = await standard_commands.clause(api, ids["own"], "1")
    ids["foreign"] = await standard_commands.clause(api, ids["other"], "1")
    return ids


CLAUSE = {"standardId": "{own}", "number": "2", "title": "Two"}
STANDARD = {"familyCode": "HOUSE", "edition": "2", "title": "House", "kind": "LAW"}
REFUSED: list[tuple[str, dict[str, Any], tuple[str, str | None]]] = [
    ("standardAdopt", {"familyCode": "ISO9001", "edition": "2015"}, ("ALREADY_EXISTS", "edition")),
    ("standardAdopt", {"familyCode": "ISO1", "edition": "1"}, ("NOT_FOUND", "edition")),
    ("standardCreate", STANDARD | {"edition": "1"}, ("ALREADY_EXISTS", "edition")),
    ("standardCreate", STANDARD | {"familyCode": "a b"}, ("INVALID_FORMAT", "familyCode")),
    ("standardCreate", STANDARD | {"title": "   "}, ("REQUIRED", "title")),
    ("standardCreate", STANDARD | {"title": "x" * 201}, ("TOO_LONG", "title")),
    ("standardUpdate", {"id": "{own}", "expectedVersion": 9}, ("STALE_VERSION", "expectedVersion")),
    (
        "standardUpdate",
        {"id": "{own}", "expectedVersion": 1, "supersedesId": "{own}"},
        ("BAD_USER_INPUT", "supersedesId"),
    ),
    ("clauseCreate", CLAUSE | {"number": "1"}, ("ALREADY_EXISTS", "number")),
    ("clauseCreate", CLAUSE | {"number": "two words"}, ("INVALID_FORMAT", "number")),
    ("clauseCreate", CLAUSE | {"standardId": "{adopted}"}, ("BAD_USER_INPUT", "standardId")),
    ("clauseCreate", CLAUSE | {"standardId": "{clause}"}, ("BAD_USER_INPUT", "standardId")),
    ("clauseCreate", CLAUSE | {"parentId": "{foreign}"}, ("BAD_USER_INPUT", "parentId")),
    (
        "clauseUpdate",
        {"id": "{clause}", "expectedVersion": 3, "title": "x"},
        ("STALE_VERSION", "expectedVersion"),
    ),
    (
        "clauseWithdraw",
        {"id": "{clause}", "expectedVersion": 0},
        ("STALE_VERSION", "expectedVersion"),
    ),
]


@pytest.mark.parametrize(("mutation", "arguments", "expected"), REFUSED)
async def test_a_refusal_changes_nothing(
    api: Client,
    company: Company,
    standards: dict[str, str],
    mutation: str,
    arguments: dict[str, Any],
    expected: tuple[str, str | None],
) -> None:
    filled = {k: v.format_map(standards) if isinstance(v, str) else v for k, v in arguments.items()}
    async with unchanged(company):
        assert standard_commands.errors_of(await api.do(mutation, **filled)) == [expected]


async def test_a_clause_is_withdrawn_once(api: Client, company: Company) -> None:
    standard = await standard_commands.write(api, "1")
    id = await standard_commands.clause(api, standard, "1")
    assert (await api.do("clauseWithdraw", id=id, expectedVersion=1))["errors"] == []
    async with unchanged(company):
        again = await api.do("clauseWithdraw", id=id, expectedVersion=2)
        assert standard_commands.errors_of(again) == [("BAD_USER_INPUT", "id")]


async def test_the_same_key_leads_to_the_same_clause(api: Client, company: Company) -> None:
    standard = await standard_commands.write(api)
    arguments = {"standardId": standard, "number": "1", "title": "One", "idempotencyKey": "k"}
    first = await api.do("clauseCreate", "clause { id }", **arguments)
    async with unchanged(company):
        assert await api.do("clauseCreate", "clause { id }", **arguments) == first
        other = await api.do("clauseCreate", "clause { id }", **arguments | {"number": "2"})
        assert standard_commands.errors_of(other) == [("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")]


async def test_a_stale_change_shows_what_is_there(api: Client) -> None:
    id = await standard_commands.write(api)
    await api.do("standardUpdate", id=id, expectedVersion=1, title="Mine")
    late = await api.do(
        "standardUpdate", "standard { title version }", id=id, expectedVersion=1, title="Theirs"
    )
    assert late["standard"] == {"title": "Mine", "version": 2}
    assert (late["errors"][0]["expected"], late["errors"][0]["current"]) == (1, 2)


async def test_clauses_of_another_organization_do_not_exist(api: Client, hire: Hiring) -> None:
    standard = await standard_commands.write(api, "1")
    id = await standard_commands.clause(api, standard, "1")
    elsewhere = await hire.company()
    async with elsewhere.owner.signed_in() as other:
        payload = await other.do("clauseUpdate", id=id, expectedVersion=1, title="Ours now")
        assert standard_commands.errors_of(payload) == [("NOT_FOUND", "id")]
    assert (await standard_commands.clause(api, standard, "1", "title version"))["version"] == 1

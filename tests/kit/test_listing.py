"""Pages of a list: nothing skipped, nothing repeated, whatever the order and the direction."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qgp.app import Application
from tests.company import Company, Hiring
from tests.kit.assessment_list import ORDERED_BY, PAGE, ROWS, AssessmentList, assess, fill

ORDERS = st.lists(
    st.tuples(st.sampled_from(sorted(ORDERED_BY)), st.sampled_from(["ASC", "DESC"])),
    max_size=3,
    unique_by=lambda order: order[0],
)
FILTERS: dict[str, Any] = {
    "everything": {},
    "with a day": {"targetOn": {"isNull": False}},
    "without a mark": {"maturity": {"isNull": True}},
    "marks": {"maturity": {"in": [3, 5]}},
}


@pytest.fixture(scope="session")
async def assessment_list(application: Application) -> AsyncIterator[AssessmentList]:
    """A list that tests only read."""
    company = await Hiring(application).company()
    clause, rows = await fill(company)
    async with company.owner.signed_in() as api:
        yield AssessmentList(company, api, clause, rows)


@pytest.fixture
async def own_list(company: Company) -> AsyncIterator[AssessmentList]:
    """A list that a test may add to."""
    clause, rows = await fill(company)
    async with company.owner.signed_in() as api:
        yield AssessmentList(company, api, clause, rows)


def order_by(orders: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"field": name, "direction": direction} for name, direction in orders]


@settings(max_examples=12, deadline=None)
@given(orders=ORDERS, size=st.integers(3, ROWS + 1), filter=st.sampled_from(sorted(FILTERS)))
async def test_pages_forward_and_backward_make_the_whole_list(
    assessment_list: AssessmentList, orders: list[tuple[str, str]], size: int, filter: str
) -> None:
    arguments: dict[str, Any] = {"orderBy": order_by(orders), "filter": FILTERS[filter]}
    forward = [id async for page in assessment_list.forward(size, **arguments) for id in page]
    backward = [page async for page in assessment_list.backward(size, **arguments)]
    assert [id for page in reversed(backward) for id in page] == forward
    kept = set(forward)
    assert forward == [id for id in assessment_list.sorted(orders) if id in kept]
    assert len(kept) == len(forward)
    assert filter != "everything" or len(kept) == ROWS


@settings(max_examples=15, deadline=None)
@given(orders=ORDERS, place=st.integers(0, ROWS - 1), size=st.integers(0, 10))
async def test_the_neighbours_of_any_row_are_those_of_the_whole_list(
    assessment_list: AssessmentList, orders: list[tuple[str, str]], place: int, size: int
) -> None:
    arguments = {"orderBy": order_by(orders)}
    whole = assessment_list.sorted(orders)
    (edge,) = [
        e
        for e in (await assessment_list.page(first=100, **arguments))["edges"]
        if e["node"]["id"] == whole[place]
    ]
    later = await assessment_list.page(first=size, after=edge["cursor"], **arguments)
    sooner = await assessment_list.page(last=size, before=edge["cursor"], **arguments)
    assert [node["id"] for node in later["nodes"]] == whole[place + 1 :][:size]
    assert [node["id"] for node in sooner["nodes"]] == whole[max(0, place - size) : place]
    assert later["pageInfo"]["hasNextPage"] == (place + 1 + size < ROWS)
    assert sooner["pageInfo"]["hasPreviousPage"] == (place > size)


@pytest.mark.parametrize("orders", [[], [("MATURITY", "DESC")], [("TARGET_ON", "ASC")]])
@pytest.mark.parametrize("direction", ["forward", "backward"])
async def test_rows_that_come_between_two_pages_skip_and_repeat_nothing(
    own_list: AssessmentList, orders: list[tuple[str, str]], direction: str
) -> None:
    seen: list[str] = []
    added = ROWS
    async for page in getattr(own_list, direction)(7, orderBy=order_by(orders)):
        seen.extend(page)
        await assess(own_list.company, own_list.clause, added, added + 3)
        added += 3
        if added > ROWS + 60:
            break
    assert len(seen) == len(set(seen))
    assert {row.public_id for row in own_list.rows} <= set(seen)


async def test_of_two_keys_of_one_field_the_first_counts(assessment_list: AssessmentList) -> None:
    orders = [("MATURITY", "ASC"), ("TARGET_ON", "DESC"), ("MATURITY", "DESC")]
    page = await assessment_list.page(first=100, orderBy=order_by(orders))
    assert [node["id"] for node in page["nodes"]] == assessment_list.sorted(orders[:2])


async def refusal(assessment_list: AssessmentList, **arguments: Any) -> tuple[str, Any]:
    answer = await assessment_list.api.send(PAGE, **arguments)
    (error,) = answer["errors"]
    return error["extensions"]["code"], error["extensions"].get("path")


@pytest.mark.parametrize(
    "other",
    [
        {"filter": {"maturity": {"eq": 3}}},
        {"orderBy": order_by([("MATURITY", "ASC")])},
        {"orderBy": order_by([("TARGET_ON", "ASC")])},
        {"orderBy": order_by([("MATURITY", "DESC"), ("TARGET_ON", "ASC")])},
    ],
    ids=str,
)
async def test_a_cursor_fits_its_own_filter_and_order_only(
    assessment_list: AssessmentList, other: dict[str, Any]
) -> None:
    matching = {"orderBy": order_by([("MATURITY", "DESC")])}
    cursor = (await assessment_list.page(first=1, **matching))["pageInfo"]["endCursor"]
    assert (await assessment_list.page(first=1, after=cursor, **matching))["nodes"]
    refused = await refusal(assessment_list, first=1, after=cursor, **matching | other)
    assert refused == ("CURSOR_MISMATCH", ["after"])
    refused = await refusal(assessment_list, last=1, before=cursor, **matching | other)
    assert refused == ("CURSOR_MISMATCH", ["before"])


async def test_a_cursor_fits_its_own_list_only(assessment_list: AssessmentList) -> None:
    cursor = (await assessment_list.page(first=1))["pageInfo"]["endCursor"]
    document = "query ($c: String) { clauseMappings(after: $c) { totalCount } }"
    assert await assessment_list.api.refusal(document, c=cursor) == "CURSOR_MISMATCH"


async def test_a_cursor_fits_its_own_organization_only(
    assessment_list: AssessmentList, hire: Hiring
) -> None:
    cursor = (await assessment_list.page(first=1))["pageInfo"]["endCursor"]
    other = await hire.company()
    async with other.owner.signed_in() as theirs:
        assert await theirs.refusal(PAGE, first=1, after=cursor) == "CURSOR_MISMATCH"


async def test_a_cursor_fits_its_own_key_only(assessment_list: AssessmentList) -> None:
    """Somebody who knows how cursors are made cannot make one."""
    cursor = (await assessment_list.page(first=1))["pageInfo"]["endCursor"]
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[-3] ^= 1
    forged = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    code, _ = await refusal(assessment_list, first=1, after=forged)
    assert code in {"CURSOR_MISMATCH", "BAD_USER_INPUT"}


def encoded(body: str) -> str:
    return base64.urlsafe_b64encode(bytes(12) + body.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "é", "====", "AAAA", "%", "a b", encoded(""), encoded("{"), encoded("[" * 50_000)],
    ids=lambda cursor: cursor[:20],
)
async def test_what_is_no_cursor_is_refused(assessment_list: AssessmentList, cursor: str) -> None:
    assert await refusal(assessment_list, first=1, after=cursor) == ("BAD_USER_INPUT", ["after"])
    assert await refusal(assessment_list, last=1, before=cursor) == ("BAD_USER_INPUT", ["before"])


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"first": 1, "last": 1}, ["last"]),
        ({"first": -1}, ["first"]),
        ({"last": -1}, ["last"]),
        ({"first": 101}, ["first"]),
        ({"last": 101}, ["last"]),
        ({"first": 2**31 - 1}, ["first"]),
        ({"last": 1, "after": "x"}, ["before"]),
        ({"first": 1, "before": "x"}, ["before"]),
    ],
    ids=str,
)
async def test_a_window_out_of_bounds_is_refused(
    assessment_list: AssessmentList, arguments: dict[str, Any], path: list[str]
) -> None:
    assert await refusal(assessment_list, **arguments) == ("BAD_USER_INPUT", path)


@pytest.mark.parametrize(
    "query",
    [
        "{ page: clauseAssessments(last: 3) { nodes { id } } }",
        "{ page: clauseAssessments(first: null, last: 3) { nodes { id } } }",
        "query ($n: Int) { page: clauseAssessments(first: $n, last: 3) { nodes { id } } }",
    ],
)
async def test_the_default_of_first_does_not_count_beside_last(
    assessment_list: AssessmentList, query: str
) -> None:
    page = (await assessment_list.api.ask(query))["page"]
    assert [node["id"] for node in page["nodes"]] == assessment_list.sorted([])[-3:]


@pytest.mark.parametrize(
    "query",
    [
        "{ page: clauseAssessments(first: 25, last: 3) { nodes { id } } }",
        "query ($n: Int = 25) { page: clauseAssessments(first: $n, last: 3) { nodes { id } } }",
    ],
)
async def test_a_first_that_the_request_names_is_refused_beside_last(
    assessment_list: AssessmentList, query: str
) -> None:
    (error,) = (await assessment_list.api.send(query))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == "`first` and `last` exclude each other. Send one of them."


async def test_before_alone_pages_backward_by_the_default_size(
    assessment_list: AssessmentList,
) -> None:
    last = (await assessment_list.page(last=1))["pageInfo"]["startCursor"]
    page = await assessment_list.page(before=last)
    assert [node["id"] for node in page["nodes"]] == assessment_list.sorted([])[-26:-1]


async def test_a_page_has_25_rows_where_nobody_says(assessment_list: AssessmentList) -> None:
    assert len((await assessment_list.page())["nodes"]) == 25
    assert len((await assessment_list.page(first=None, last=None))["nodes"]) == 25
    assert (await assessment_list.page(first=0))["nodes"] == []
    assert len((await assessment_list.page(first=100))["nodes"]) == ROWS

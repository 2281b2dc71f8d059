"""Executor: cost in Python calls, and the order of the parts of a connection."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from qgp.engine import executor
from qgp.engine.executor.page import PageSlice, page_slices
from qgp.kit.paging import PageBounds
from tests.company import Company
from tests.engine.read_paths import ReadPaths, client_of

FOLDER = str(Path(executor.__file__).parent)
SELECTIONS = {
    "scalars": "totalCount nodes { id number title } pageInfo { hasNextPage hasPreviousPage }",
    "a joined record": "nodes { number standard { code } parent { number } }",
    "a list below each row": "nodes { number children(first: 9) { totalCount nodes { number } } }",
    "edges below each row": "nodes { number children(first: 9) { edges { node { number } } } }",
}


@contextmanager
def counting_calls() -> Iterator[list[str]]:
    """Record the Python functions of the executor that are called within the block."""
    calls: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(FOLDER):
            calls.append(frame.f_code.co_qualname)

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("selection", SELECTIONS.values(), ids=SELECTIONS)
async def test_a_row_costs_no_python_call(
    company_with_data: Company, read_paths: ReadPaths, selection: str
) -> None:
    counts = []
    async with client_of(read_paths.planned, company_with_data.owner.token) as client:
        for size in (60, 100):
            document = f"{{ clauses(first: {size}) {{ {selection} }} }}"
            assert (await client.ask(document)).reason is None
            with counting_calls() as calls:
                await client.answer(document)
            counts.append(len(calls))
    assert counts[0] == counts[1] > 0


async def test_aliases_of_the_parts_of_a_connection_are_answered_in_their_order(
    company_with_data: Company, read_paths: ReadPaths
) -> None:
    document = """{ sites(last: 2) { b: totalCount rows: nodes { code } at: pageInfo {
        end: endCursor before: hasPreviousPage kind: __typename after: hasNextPage }
        edges { cursor } a: totalCount } }"""
    answer = await read_paths.same(company_with_data.owner.token, document)
    assert answer.reason is None
    page = answer.data["sites"]
    assert list(page) == ["b", "rows", "at", "edges", "a"]
    assert (page["a"], page["b"], page["rows"]) == (101, 101, [{"code": "099"}, {"code": "100"}])
    assert page["at"] == {
        "end": page["edges"][1]["cursor"],
        "before": True,
        "kind": "PageInfo",
        "after": False,
    }


def test_rows_are_cut_into_the_pages_of_their_keys() -> None:
    forward = page_slices([1, 1, 1, 3], 3, PageBounds(2))
    assert forward == [
        PageSlice(0, 2, has_next=True, has_previous=False, backward=False),
        PageSlice(3, 3, has_next=False, has_previous=False, backward=False),
        PageSlice(3, 4, has_next=False, has_previous=False, backward=False),
    ]
    assert [(each.first, each.last) for each in forward] == [(0, 1), (None, None), (3, 3)]
    (backward,) = page_slices([1, 1, 1], 1, PageBounds(2, cursor="x", backward=True))
    assert (backward.has_next, backward.has_previous) == (True, True)
    assert (backward.first, backward.last) == (1, 0)
    assert backward.cut([b"third", b"second", b"first"]) == [b"second", b"third"]

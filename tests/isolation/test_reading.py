"""Every root field, with what belongs to another organization at every place of its arguments."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import pytest

from qgp.engine import read_connections
from qgp.kit import session, sql_statement
from qgp.kit.policy import Role
from tests.company import Client
from tests.environment import application_of
from tests.isolation.attack import (
    Attempt,
    Call,
    Probe,
    attempts_of,
    batches,
    compare,
    foreign_texts,
    in_one_filter,
)
from tests.isolation.conftest import Stage, known_arguments
from tests.isolation.documents import LEVELS, required
from tests.isolation.inputs import path, places
from tests.matrix import role_cases

ROLES = (Role.OWNER, Role.AUDITOR, Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT)
SOME = (Role.OWNER, Role.EXTERNAL_AUDITOR)
# Tell nothing of what is in the organization; `changes` not without a cursor.
BARE = {"serverInfo", "trailVerify", "changes"}
PAGING = {"after", "before"}


def probes(stage: Stage, scalar: str) -> Iterator[Probe]:
    """Yield each root with each place where a scalar can stand, but for cursors."""
    for root, field in stage.queries.items():
        for name, argument in field.args.items():
            if name not in PAGING:
                arguments = known_arguments(stage.a, field, stage.a.ids["rule"])
                for place in places(argument.type, scalar):
                    yield Probe("query", root, arguments | {name: place})


def thinned(probes: Iterable[Probe]) -> Iterator[Probe]:
    """Keep one place of each field of a filter, and for the next field another operator."""
    fields: dict[tuple[str, ...], list[Probe]] = {}
    for probe in probes:
        where = (
            path(probe.arguments["filter"])[:1] if "filter" in probe.arguments else (repr(probe),)
        )
        fields.setdefault((probe.root, *where), []).append(probe)
    for turn, alike in enumerate(fields.values()):
        yield alike[turn % len(alike)]


def lists(stage: Stage) -> Iterator[str]:
    """Yield the roots that can be asked without an argument."""
    for root, field in stage.queries.items():
        if not required(field):
            yield root


def pages(stage: Stage, rows: int = 100) -> list[Call]:
    """Return the calls of these roots; without `rows` for as many as a page holds."""
    return [
        Call("query", root, {"first": rows} if "first" in stage.queries[root].args else {})
        for root in lists(stage)
    ]


async def test_the_other_organization_has_something_to_hide(stage: Stage) -> None:
    async with stage.asking(stage.b.company.owner.token) as asker:
        for part in batches(pages(stage)):
            _, answers = await asker.many(part, 1)
            for call, text in zip(part, answers, strict=True):
                is_there = stage.secrets.canaries.first_in(text.lower()) is not None
                assert is_there or call.root in BARE, call.root


Extent = Callable[[Iterable[Probe]], Iterable[Probe]]
EXTENTS = pytest.mark.parametrize(
    "extent",
    [thinned, pytest.param(list, marks=pytest.mark.exhaustive)],
    ids=["one operator", "every operator"],
)


@pytest.fixture
async def open_stage(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """The stage without row security: transactions keep the role of a superuser."""
    for module in (session, read_connections):
        monkeypatch.setattr(module, "RUNTIME_ROLE", "none")
    application = application_of(stage.application.settings)
    yield replace(stage, application=application)
    await application.close()


@pytest.mark.parametrize("levels", [1, pytest.param(LEVELS, marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("role", role_cases(*SOME, among=ROLES))
async def test_no_list_holds_what_is_anothers(open_stage: Stage, role: Role, levels: int) -> None:
    """The statements of both read paths hold the organization's condition themselves.

    Row security would hide that one of them lost it. That each table has row security, and that
    it hides rows from whatever statement, is proven in tests/kit/test_row_security.py.
    """
    async with open_stage.in_a(role) as asker:
        for part in batches(pages(open_stage, 100 if levels == 1 else 10), levels=levels):
            whole, answers = await asker.many(part, levels)
            assert whole.startswith("200\n")
            for text in (whole, *answers):
                assert open_stage.secrets.canaries.first_in(text.lower()) is None


async def test_without_conditions_and_row_security_a_list_would_hold_it(
    open_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_statement, "within_organization", lambda statement: statement)
    async with open_stage.in_a() as asker:
        _, [text] = await asker.many([Call("query", "sites", {"first": 100})], 0)
    assert open_stage.secrets.canaries.first_in(text.lower())


@EXTENTS
@pytest.mark.parametrize("role", role_cases(*SOME, among=ROLES))
async def test_an_id_of_another_organization_is_an_id_of_nothing(
    stage: Stage, role: Role, extent: Extent
) -> None:
    async with stage.in_a(role) as asker:
        to_ask = [
            probe
            for probe in extent(probes(stage, "ID"))
            if not probe.is_filter or role is Role.OWNER
        ]
        attempts = await attempts_of(to_ask, asker, stage.secrets, is_whole=extent is list)
        attempts = attempts if extent is list else [*in_one_filter(attempts)]
        await compare(attempts, asker, stage.secrets, levels=int(extent is list))
    assert len(attempts) > 50


@EXTENTS
async def test_no_text_finds_what_is_anothers(stage: Stage, extent: Extent) -> None:
    async with stage.in_a() as asker:
        word, *others = foreign_texts(stage.b)
        attempts = [
            Attempt(probe, foreign, foreign[::-1])
            for turn, probe in enumerate(extent(probes(stage, "String")))
            for foreign in (word, *(others if extent is list else [others[turn % len(others)]]))
        ]
        attempts = attempts if extent is list else [*in_one_filter(attempts)]
        await compare(attempts, asker, stage.secrets)


async def test_one_condition_that_finds_something_is_noticed_among_others(stage: Stage) -> None:
    async with stage.in_a() as asker:
        places = [probe for probe in probes(stage, "String") if probe.root == "sites"]
        nowhere = [Attempt(probe, "nowhere", "nobody") for probe in places]
        await compare([*in_one_filter(nowhere)], asker, stage.secrets)
        (place,) = [
            each for each in places if path(each.arguments["filter"]) == ("name", "contains")
        ]
        attempts = [*nowhere, Attempt(place, stage.a.word, "nobody")]
        with pytest.raises(AssertionError):
            await compare([*in_one_filter(attempts)], asker, stage.secrets)


@pytest.mark.parametrize(("cursor", "size"), [("after", "first"), ("before", "last")])
async def test_a_cursor_of_another_organization_opens_nothing(
    stage: Stage, cursor: str, size: str
) -> None:
    roots = [root for root in lists(stage) if cursor in stage.queries[root].args]
    theirs = stage.b.company.owner
    async with stage.asking(theirs.token) as b, stage.in_a() as a:
        for part in batches(roots):
            cursors = await _cursors(b.api, part)
            calls = [
                Call("query", root, {size: 1, cursor: text})
                for root, text in zip(part, cursors, strict=True)
            ]
            _, answers = await a.many(calls, 0)
            for call, answer in zip(calls, map(json.loads, answers), strict=True):
                codes = [error["extensions"]["code"] for error in answer["errors"]]
                assert codes == ["CURSOR_MISMATCH"], call.root
                assert answer["data"] is None


async def _cursors(api: Client, roots: Sequence[str]) -> list[str]:
    """Return the cursor of the first row of each list."""
    page = "(first: 1) { pageInfo { endCursor } }"
    data = await api.ask(f"{{ {' '.join(f'{root}{page}' for root in roots)} }}")
    return [data[root]["pageInfo"]["endCursor"] for root in roots]

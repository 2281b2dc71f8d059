"""Agreement of both read paths, byte by byte, and proof that the comparison detects differences."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Set
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, cast

import pytest
import sqlalchemy as sa
from graphql import GraphQLField, GraphQLInputObjectType, GraphQLSchema, get_named_type
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qgp.app import Application
from tests.engine.agreement import corpus
from tests.engine.agreement.arguments import Arguments
from tests.engine.agreement.cases import Cases
from tests.engine.agreement.comparison import Answer, Judge, Verdict
from tests.engine.agreement.comparison_run import Findings, differs, run
from tests.engine.agreement.coverage import parts
from tests.engine.agreement.coverage_search import hunt
from tests.engine.agreement.people import OUTSIDERS, SIGNED_IN
from tests.engine.agreement.read_path import ReadPath
from tests.engine.agreement.report import disagreement, summary
from tests.engine.agreement.shrinking import shrunk
from tests.engine.agreement.stage import Stage, set_up
from tests.engine.agreement.tally import Part, Tally
from tests.engine.agreement.values import Values

OPERATIONS = dict.fromkeys(SIGNED_IN, 24) | dict.fromkeys(OUTSIDERS, 8)  # `make fuzz`: 2,000
MOST_ROUNDS = 2_000  # until all is drawn
CHANGE = "changedAt", "cursor", "event", "kind", "partOfId", "record", "recordId", "version"
UNMET = {
    **{("TrailBreak", name): "nobody tampers here" for name in ("sequence", "problem", "message")},
    ("TrailVerification", "firstBroken"): "nobody tampers here",
    ("RecordChanges", "nodes"): "there is none after the cursor of now",
    **{("RecordChange", name): "there is none after the cursor of now" for name in CHANGE},
    ("CatalogueEntry", "transitionDeadline"): "no shipped edition has one yet",
    ("Organization", "createdBy"): "the operator creates it, and is none of its users",
}


@pytest.fixture(scope="session")
async def stage(server_url: sa.URL, worker_id: str) -> AsyncIterator[Stage]:
    """Two applications over one filled organization and its rival."""
    stage = await set_up(server_url, f"agreement_{worker_id}", spots=1)
    yield stage
    await stage.close()


@pytest.fixture
async def judge(stage: Stage) -> AsyncIterator[Judge]:
    """The comparison of both paths."""
    async with Judge(stage.resolvers, stage.planned) as comparing:
        yield comparing


@pytest.fixture(scope="module")
def reached() -> set[Part]:
    """The fields that came back with a value in the random operations of this file."""
    return set()


@pytest.mark.parametrize("name", OPERATIONS)
async def test_random_operations_get_the_same_bytes(
    stage: Stage, judge: Judge, reached: set[Part], name: str
) -> None:
    seed = [*OPERATIONS].index(name)
    findings = await run(stage, judge, count=OPERATIONS[name], seed=seed, names=[name])
    assert not findings.disagreements, report_of(findings)
    reached |= findings.tally.met.keys()
    assert findings.count == OPERATIONS[name]
    if name in SIGNED_IN:
        assert findings.paths[ReadPath.PLAN], summary(findings)


OTHERS = [name for name in SIGNED_IN if name != "owner"]
ONCE = [("process_owner", 1), ("rival", 1)]  # limited to a place, of another organization
OFTEN = [pytest.param(name, None, marks=pytest.mark.exhaustive) for name in OTHERS]


@pytest.mark.parametrize(("name", "most"), [("owner", None), *ONCE, *OFTEN])
async def test_the_published_documents_get_the_same_bytes(
    stage: Stage, judge: Judge, name: str, most: int | None
) -> None:
    """With all their sets of variables, or with the first of each."""
    compared = set()
    for document, request in corpus.requests(stage.sample, most):
        verdict = await judge.compare(stage.people[name], request)
        assert verdict.agrees, (document, verdict.difference)
        compared.add(document)
    assert compared == set(corpus.queries())


async def test_the_operations_reach_every_field_of_the_schema(
    stage: Stage, judge: Judge, reached: set[Part]
) -> None:
    """In the random operations above, or by asking for it; `make fuzz` draws thousands."""
    outputs, _ = parts(stage.schema)
    unmet = outputs - reached
    assert UNMET.keys() <= unmet
    never, verdicts = await hunt(stage, judge, grouped(unmet - UNMET.keys()))
    assert never == {}
    assert [verdict.difference for verdict in verdicts if not verdict.agrees] == []


def test_every_argument_and_operator_is_drawn(stage: Stage) -> None:
    _, inputs = parts(stage.schema)
    nearest = nearest_fields(stage.schema, {owner for owner, _ in inputs})
    tally = Tally(Random(0))
    for _ in range(MOST_ROUNDS):
        undrawn = {owner for owner, _ in inputs - tally.used.keys()}
        if not undrawn:
            break
        arguments = Arguments(Values(stage.schema, stage.sample, tally))
        for kind, name in sorted({field for owner in undrawn for field in nearest[owner]}):
            owner: Any = stage.schema.type_map[kind]
            arguments.of(owner, name, owner.fields[name], most=100)
    assert inputs - tally.used.keys() == set()


def nearest_fields(schema: GraphQLSchema, owners: Set[str]) -> dict[str, set[tuple[str, str]]]:
    """Return the fields whose arguments lead in the fewest steps to a field or input type."""
    steps: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for field in (owner for owner in owners if "." in owner):
        kind, _, name = field.partition(".")
        steps[field][kind, name] = 0
        for below, count in inputs_below(cast(Any, schema.type_map[kind]).fields[name]).items():
            steps[below][kind, name] = count
    return {
        owner: {field for field, count in counts.items() if count == min(counts.values())}
        for owner, counts in steps.items()
    }


def inputs_below(field: GraphQLField) -> dict[str, int]:
    """Return the input types that the arguments of a field lead to, and in how many steps."""
    steps: dict[str, int] = {}
    waiting = [(get_named_type(argument.type), 1) for argument in field.args.values()]
    for kind, count in waiting:
        if isinstance(kind, GraphQLInputObjectType) and kind.name not in steps:
            steps[kind.name] = count
            waiting += [(get_named_type(one.type), count + 1) for one in kind.fields.values()]
    return steps


async def test_one_seed_writes_the_same_operations_again(stage: Stage) -> None:
    drawn = []
    for _ in range(2):
        cases = Cases(stage.schema, stage.sample, Tally(Random(7)))
        drawn.append([cases.of(stage.people["owner"]).request for _ in range(100)])
    assert drawn[0] == drawn[1]
    assert len({request.document for request in drawn[0]}) > 30


@dataclass(frozen=True)
class Tampered:
    """An application of which something changes the answers on their way out."""

    application: Application
    change: Callable[[Message], None]

    @property
    def engine(self) -> AsyncEngine:
        """The application's."""
        return self.application.engine

    @property
    def asgi(self) -> ASGIApp:
        """The application, with a hand on its wire."""

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            async def changed(message: Message) -> None:
                self.change(message)
                await send(message)

            await self.application.asgi(scope, receive, changed)

        return serve


def _another_value(message: Message) -> None:
    message["body"] = message.get("body", b"").replace(b":true", b":false", 1)


def _another_status(message: Message) -> None:
    if message["type"] == "http.response.start":
        message["status"] = 201


def _another_header(message: Message) -> None:
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], (b"x-extra", b"1")]


@pytest.mark.parametrize(
    ("change", "difference"),
    [(_another_value, ":false"), (_another_status, "!= 201"), (_another_header, "x-extra")],
)
async def test_a_tampered_answer_is_detected(
    stage: Stage, change: Callable[[Message], None], difference: str
) -> None:
    forged: Any = Tampered(stage.planned, change)
    async with Judge(stage.resolvers, cast(Application, forged)) as judge:
        findings = await run(
            stage, judge, count=400, seed=1, names=["owner"], enough=lambda f: bool(f.disagreements)
        )
        assert findings.disagreements
        case, verdict = min(findings.disagreements, key=lambda one: len(one[0].request.document))
        small, left = await shrunk(case.request, verdict, partial(differs, judge, case))
    assert difference in left.difference
    assert len("".join(small.document.split())) <= len("".join(case.request.document.split()))
    assert len(small.document.split()) < 40, small.document
    assert small.document in disagreement(case, small, left)


def _failed(message: str, *path: str | int) -> dict[str, Any]:
    return {"message": message, "path": [*path]}


@pytest.mark.parametrize(
    ("one", "other", "agrees"),
    [
        ([_failed("x", "a", 0, "b")], [_failed("x", "a", 1, "b")], True),
        ([_failed("x", "a", 0, "b")], [_failed("y", "a", 0, "c")], True),
        ([_failed("x", "a", 0, "b"), _failed("y", "a", 0, "c")], [_failed("y", "a", 0, "c")], True),
        ([_failed("x", "a", 0, "b")], [_failed("y", "a", 0, "b")], False),
        ([_failed("x", "a", 0, "b")], [_failed("x", "d")], False),
        ([_failed("x", "a", 0, "b")], [], False),
    ],
)
def test_answers_agree_whichever_of_several_errors_below_one_null_they_report(
    one: list[dict[str, Any]], other: list[dict[str, Any]], agrees: bool
) -> None:
    first, second = (
        Answer(200, {}, json.dumps({"data": {"a": None, "d": None}, "errors": errors}).encode())
        for errors in (one, other)
    )
    assert Verdict(first, second, ReadPath.PARTIAL_PLAN).agrees is agrees


def grouped(parts: Iterable[Part]) -> dict[str, set[str]]:
    """Return the fields of each type."""
    by_type: dict[str, set[str]] = {}
    for kind, name in sorted(parts):
        by_type.setdefault(kind, set()).add(name)
    return by_type


def report_of(findings: Findings) -> str:
    case, verdict = findings.disagreements[0]
    return disagreement(case, case.request, verdict)

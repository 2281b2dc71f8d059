"""Asks as one organization for what another one has, and compares with asking for nothing."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx2
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp.http.limits import Limits
from qgp.kit import ids
from tests import asgi
from tests.company import Client
from tests.evidence import owned_tables
from tests.isolation.canaries import Canaries
from tests.isolation.documents import LEVELS, Documents, shown
from tests.isolation.inputs import HERE, filled, path
from tests.isolation.world import Step, World

NO_ID = "no id"
AT_ONCE = 25
QUANTIFIERS = {"some", "none"}  # of lists, which nest nothing of themselves
# Other names that lead to a place in a filter, which may not nest deeper with `or` around.
JOINED = 3
NEGATIVE = {"notIn", "none"}  # operators that leave rows out
A = TypeVar("A")
Answer = asgi.Response | httpx2.Response  # of the endpoint, or of another one
PASSING = {"capaClose"}  # after which a record shows what a later step takes away
_PREFIX = re.compile(r"\b([a-z]{2,6})_…")
_REQUEST_ID = re.compile(r'"requestId": ?"[^"]*"|\n(x-request-id|content-length|etag): [^\n]*')


@dataclass(frozen=True)
class Secrets:
    """What must not show: the ids of another organization's rows, and its word."""

    world: World
    canaries: Canaries

    @classmethod
    async def of(cls, world: World, engine: AsyncEngine) -> "Secrets":
        """Read every id that the organization has, from every table."""
        hexes = {world.company.organization_id.hex}
        words = (world.word.lower(), world.company.slug, world.company.owner.email)
        async with engine.connect() as connection:
            for table in await owned_tables(connection, "id"):
                statement = sa.text(f"SELECT id FROM {table} WHERE organization_id = :id")
                rows = await connection.scalars(statement, {"id": world.company.organization_id})
                hexes |= {id.hex for id in rows}
        return cls(world, Canaries.of(hexes, words))

    def first_in(self, answer: Answer, *, query: Any = None) -> str | None:
        """Return a secret that headers or body hold, which may echo what was asked."""
        return self.canaries.first_in(plain(answer, query).lower())


@dataclass
class Asker:
    """Somebody at the endpoint; remembers which fields came back with a value."""

    api: Client
    documents: Documents
    seen: set[tuple[str, str]]

    async def ask(
        self,
        kind: str,
        root: str,
        variables: dict[str, Any],
        token: str | None = None,
        levels: int = LEVELS,
    ) -> asgi.Response:
        """Ask one root field for everything that it can show, or let another bearer ask."""
        answer = await self.send(self.documents.operation(kind, root, levels), variables, token)
        self.seen |= set(shown(answer.json().get("data")))
        return answer

    async def send(
        self, document: str, variables: dict[str, Any], token: str | None = None
    ) -> asgi.Response:
        """Send a valid document, or let another bearer send it."""
        body = {"query": document, "variables": variables}
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = await self.api.post(body, **headers)
        assert "GRAPHQL_VALIDATION_FAILED" not in answer.text, answer.text
        return answer

    async def many(self, calls: Sequence["Call"], levels: int) -> tuple[str, list[str]]:
        """Make calls of one kind together.

        Returns:
            What the answer says as a whole, and what it says of each call.
        """
        named = [(one.kind, one.root, one.arguments) for one in calls]
        document = self.documents.together(named, levels)
        variables = {
            f"a{n}_{name}": value
            for n, one in enumerate(calls)
            for name, value in one.arguments.items()
        }
        answer = await self.send(document, variables)
        body = answer.json()
        assert "data" in body, body["errors"]
        data = body["data"]
        for n, one in enumerate(calls):
            root = {"__typename": data["__typename"], one.root: data[f"a{n}"]}
            self.seen |= set(shown(root))
        errors: dict[str, list[Any]] = {f"a{n}": [] for n in range(len(calls))}
        for error in body.get("errors", ()):
            errors[error["path"][0]].append(error)
        parts = [{"data": data[name], "errors": rows} for name, rows in errors.items()]
        return head(answer), [json.dumps(part, ensure_ascii=False) for part in parts]

    async def take(self, step: Step, world: World, *, is_brief: bool = False) -> None:
        """Take a step, which must succeed, for a receipt; see all, where that is the only way.

        Args:
            is_brief: whether a receipt is enough, whatever was not seen yet.
        """
        await step.wait(world)
        variables, token = {"input": step.input_of(world)}, world.people[step.by].token
        is_new = not self.documents.unasked(step.mutation) <= self.seen
        is_passing = step.mutation in PASSING
        if is_brief or not (is_new or is_passing):
            document = self.documents.receipt(step.mutation)
        else:
            document = self.documents.operation("mutation", step.mutation, int(is_passing))
        answer = (await self.send(document, variables, token)).json()
        assert "errors" not in answer, (step, answer["errors"])
        self.seen |= set(shown(answer["data"]))
        payload = answer["data"][step.mutation]
        assert payload["errors"] == [], (step, payload["errors"])
        world.noted(step.name, payload)
        await step.send(self.api.http, world, payload)
        await world.company.application.background.wait()
        await step.look(self.api, world)


def head(answer: Answer) -> str:
    """Return status and headers without what differs between any two requests."""
    headers = "".join(f"\n{name}: {value}" for name, value in sorted(answer.headers.items()))
    return _REQUEST_ID.sub("", f"{answer.status_code}{headers}\n")


def plain(answer: Answer, query: Any) -> str:
    """Return status, headers and body without what differs between any two requests."""
    return head(answer) + without(answer.text, query)


def without(text: str, query: Any) -> str:
    """Return a text without the ids of requests and without what was asked."""
    echo = query if isinstance(query, str) else "\0"
    return _REQUEST_ID.sub("", text.replace(echo, "<asked>"))


def foreign_ids(world: World) -> dict[str, str]:
    """Return one id of each kind of record, by its prefix."""
    return {id.partition("_")[0]: id for id in world.ids.values()}


def nobodys(id: str) -> str:
    """Return an id of the same form that nothing has."""
    prefix, _, number = id.partition("_")
    return ids.encode(prefix, ids.uuid7()) if number else str(ids.uuid7())


def foreign_texts(world: World) -> Iterator[str]:
    """Yield what the organization calls itself and its own."""
    yield from (world.word, world.text("hq"), world.company.slug, world.company.owner.email)


@dataclass(frozen=True)
class Call:
    """A root field with its arguments."""

    kind: str
    root: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Probe(Call):
    """A root field with a place for an id or a text in its arguments."""

    @property
    def is_filter(self) -> bool:
        """Whether the place is in a filter."""
        return "filter" in self.arguments

    def of(self, what: Any) -> Call:
        """Return the call with something in the place."""
        return Call(self.kind, self.root, filled(self.arguments, what))


@dataclass(frozen=True)
class Attempt:
    """A probe with what is another's, and with what is nobody's.

    Attributes:
        is_fitting: whether the place takes ids of this kind.
    """

    probe: Probe
    foreign: Any
    nothing: Any
    is_fitting: bool = True


async def attempts_of(
    probes: Sequence[Probe], asker: Asker, secrets: Secrets, *, is_whole: bool
) -> list[Attempt]:
    """Return what to try: foreign ids of all kinds that fit, and one that does not.

    Which kinds a place takes is told by how it refuses what is no id.

    Args:
        is_whole: whether to try an id of another kind and a bare one, each at every place, not in
            turns and never in filters, which refuse them unseen.
    """
    ids_by_prefix = foreign_ids(secrets.world)
    attempts: list[Attempt] = []
    for part in batches(probes):
        _, refusals = await asker.many([probe.of(NO_ID) for probe in part], 0)
        for turn, (probe, refusal) in enumerate(zip(part, refusals, strict=True)):
            fits = _PREFIX.findall(refusal)
            prefixes = fits or [*ids_by_prefix]
            other = next((id for p, id in ids_by_prefix.items() if p not in prefixes), NO_ID)
            fitting = [ids_by_prefix[prefix] for prefix in prefixes if prefix in ids_by_prefix]
            others = [other, secrets.world.bare_id]
            if not is_whole:
                others = [] if probe.is_filter else [others[turn % 2]]
            attempts += [
                Attempt(probe, id, nobodys(id), id.partition("_")[0] in fits)
                for id in (*fitting, *others)
            ]
    return attempts


def in_one_filter(attempts: Iterable[Attempt]) -> Iterator[Attempt]:
    """Put all conditions on a list into one filter, whose rows change where one tells something.

    Those that leave rows out stand apart: all have to hold. Of the others any one is enough.
    What nests as deep as filters may, and what is no filter, stays as it is.
    """
    lists: dict[tuple[str, str], list[Attempt]] = {}
    for one in attempts:
        place = path(one.probe.arguments["filter"]) if one.probe.is_filter else ()
        if 0 < len([name for name in place if name not in QUANTIFIERS]) <= JOINED:
            word = "or" if NEGATIVE.isdisjoint(place) else "and"
            lists.setdefault((one.probe.root, word), []).append(one)
        else:
            yield one
    for (root, word), alike in lists.items():
        theirs = [one.probe.of(one.foreign).arguments["filter"] for one in alike]
        none = [one.probe.of(one.nothing).arguments["filter"] for one in alike]
        arguments = {**alike[0].probe.arguments, "filter": {word: HERE}}
        yield Attempt(Probe("query", root, arguments), theirs, none)


async def compare(
    attempts: Sequence[Attempt], asker: Asker, secrets: Secrets, levels: int = 0
) -> list[Any]:
    """Ask for what is another's and for what is nobody's; the answers must be the same.

    Args:
        levels: of records to show below each root.

    Returns:
        What came back for each foreign one.
    """
    answers = []
    for part in batches(attempts):
        of_them, theirs = await asker.many([one.probe.of(one.foreign) for one in part], levels)
        of_none, none = await asker.many([one.probe.of(one.nothing) for one in part], levels)
        assert of_them == of_none
        for one, answer, right in zip(part, theirs, none, strict=True):
            text = without(answer, one.foreign)
            assert text == without(right, one.nothing), one
            assert secrets.canaries.first_in(text.lower()) is None, one
            data = json.loads(answer)["data"]
            if one.probe.is_filter:
                assert "or" not in one.probe.arguments["filter"] or data["nodes"] == [], one
                assert _is_count_right(data), one
            answers.append(data)
        assert secrets.canaries.first_in(of_them.lower()) is None
    return answers


def _is_count_right(data: Any) -> bool:
    """Say whether a list that is counted has as many rows as it shows, if it is short enough."""
    if data is None:
        return True
    rows = min(data.get("totalCount", 0), Limits().page_default)
    return "totalCount" not in data or len(data["nodes"]) == rows


def batches(items: Sequence[A], *, levels: int = 1) -> Iterator[Sequence[A]]:
    """Cut what is to be asked into what is asked together: deeper answers cost far more."""
    size = AT_ONCE // levels**2
    return (items[at : at + size] for at in range(0, len(items), size))

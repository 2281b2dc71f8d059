"""Asks as somebody for what is hidden from them, and holds the answers against what is right."""

import base64
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from qgp.kit import ids
from qgp.kit.gql.exports import registers
from tests.company import Client, client
from tests.isolation.documents import shown
from tests.kit.built import BUILT
from tests.scopes.documents import (
    LATER,
    Call,
    Condition,
    Everything,
    filled,
    look_ups,
)
from tests.scopes.excerpts import without_excerpts
from tests.scopes.view import MARK, View, chunks, pruned, remove

REGISTERS = sorted(registers(BUILT))
PREFIX = re.compile(r"\b([a-z]{2,6})_…")
_CURSOR = re.compile(r'ursor":\s?"([^"]+)"')
AT_ONCE = 50
NO_MARK = MARK[::-1]


@dataclass
class Prober:
    """Somebody who asks, in a view.

    Attributes:
        answered: type and name of each field that came back with a value.
        tried: filter type and field of each condition that was tried.
        roots: the root fields that were asked.
    """

    view: View
    everything: Everything
    api: Client
    answered: set[tuple[str, str]] = field(default_factory=set)
    tried: set[tuple[str, str]] = field(default_factory=set)
    roots: set[str] = field(default_factory=set)

    async def ask(self, document: str, /, **variables: Any) -> Any:
        """Return the body of an answer, whose errors are refusals at most."""
        answer = await self.api.post({"query": document, "variables": variables})
        body = answer.json()
        codes = {error["extensions"]["code"] for error in body.get("errors", ())}
        assert codes <= {"FORBIDDEN", "BAD_USER_INPUT"}, body["errors"]
        self.answered |= set(shown(body.get("data")))
        return without_excerpts(body)

    def tells(self, text: str) -> str | None:
        """Return what a text tells of a hidden record, its cursors too."""
        for form in (text, *map(_opened, _CURSOR.findall(text))):
            if canary := self.view.canaries.first_in(form):
                at = form.find(canary)
                return f"{canary}: …{form[max(at - 300, 0) : at + 40]}…"
        return None

    async def everything_read(self) -> dict[str, Any]:
        """Return all that there is to see: lists, records with their history, figures."""
        values: dict[str, Any] = {}
        for at, document in enumerate(self.everything.lists()):
            values[f"lists {at}"] = answer = await self.ask(document)
            self.roots |= answer["data"].keys()
        records = self.everything.records()
        for at, part in enumerate(chunks(self.view.visible_ids, AT_ONCE)):
            values[f"records {at}"] = await self.ask(records, ids=part)
        documents = figures(self.view)
        self.roots |= {call.root for call in documents}
        values["figures"] = await self.ask(self.everything.named(documents))
        return values

    async def read_otherwise(self) -> dict[str, Any]:
        """Return what other ways show of the same: orders, the past, files."""
        values: dict[str, Any] = {}
        for at, document in enumerate(self.everything.orders()):
            values[f"orders {at}"] = await self.ask(document)
        for at, part in enumerate(chunks(self.view.visible_ids, AT_ONCE)):
            past = [Call("asOf", {"recordId": id, "at": LATER}) for id in part]
            values[f"past {at}"] = await self.ask(self.everything.named(past))
        for register in REGISTERS:
            answer = await self.api.http.get(f"/exports/{register}.csv")
            assert answer.status_code in {200, 403}, answer.text
            values[f"{register}.csv"] = answer.text if answer.status_code == 200 else ""
        return values

    async def prefixes(self, calls: Sequence[Call]) -> list[str | None]:
        """Return the kind of id that each call takes, told by how it refuses what is no id."""
        body = await self.ask(self.everything.named_briefly(calls))
        kinds: dict[int, str] = {}
        for error in body.get("errors", ()):
            if match := PREFIX.search(error["message"]):
                kinds[int(error["path"][0][1:])] = match[1]
        return [kinds.get(n) for n in range(len(calls))]

    async def compare_filters(self, places: Iterable[Condition]) -> None:
        """Filter by what is hidden and by what does not exist; the answers must be the same."""
        chosen = [one for one in places if one.operator != "related"]
        self.tried |= {(one.kind, one.name) for one in chosen}
        pairs: dict[tuple[str, str], list[tuple[Any, Any]]] = {}
        for part in chunks(chosen, AT_ONCE):
            for one, kind in zip(part, await self._kinds(part), strict=True):
                if values := self._values(one, kind):
                    alike = pairs.setdefault((one.root, one.word), [])
                    alike.append((one.filter(values[0]), one.filter(values[1])))
        for group in chunks([*pairs.items()], AT_ONCE):
            theirs = await self._filtered((key, [one for one, _ in alike]) for key, alike in group)
            none = await self._filtered(
                (key, [other for _, other in alike]) for key, alike in group
            )
            for key, rows in theirs.items():
                assert rows == none[key], key
                assert not rows or key[1] == "and", key

    async def _kinds(self, places: Sequence[Condition]) -> list[str | None]:
        """Return the kind of id that each place of a filter takes, if it takes ids."""
        by_id = [one for one in places if one.operator in {"eq", "in"}]
        calls = [one.of(["no id"] if one.operator == "in" else "no id") for one in by_id]
        kinds = dict(zip(map(id, by_id), await self.prefixes(calls), strict=True))
        return [kinds.get(id(one)) for one in places]

    async def _filtered(
        self, filters: Iterable[tuple[tuple[str, str], Sequence[Any]]]
    ) -> dict[tuple[str, str], Any]:
        """Return the rows of lists for which one of some conditions holds, or all of them."""
        named = dict(filters)
        calls = [Call(root, {"filter": {word: parts}}) for (root, word), parts in named.items()]
        body = await self.ask(self.everything.named_briefly(calls))
        codes = {error["extensions"]["code"] for error in body.get("errors", ())}
        assert codes <= {"FORBIDDEN"}, body["errors"]
        return {
            key: rows and rows["nodes"] for key, rows in zip(named, _in_order(body), strict=True)
        }

    async def compare_look_ups(self, *, is_whole: bool) -> None:
        """Look up what is hidden and what does not exist; the answers must be the same.

        Args:
            is_whole: whether to try ids of every kind where one kind fits, not of it and another.
        """
        places = [*look_ups(self.everything)]
        self.roots |= {root for root, *_ in places}
        kinds = await self.prefixes([Call(root, filled(put, "no id")) for root, _, put in places])
        calls = [
            (Call(root, filled(shape, one)), Call(root, filled(shape, other)))
            for (root, name, shape), kind in zip(places, kinds, strict=True)
            for one, other in self._keys(name, None if is_whole else kind)
        ]
        for part in chunks(calls, AT_ONCE):
            theirs = await self.ask(self.everything.named_briefly([one for one, _ in part]))
            none = await self.ask(self.everything.named_briefly([other for _, other in part]))
            said = [[e["message"] for e in body.get("errors", ())] for body in (theirs, none)]
            assert (theirs["data"], said[0]) == (none["data"], said[1]), part

    def _keys(self, name: str, kind: str | None) -> Iterator[tuple[str, str]]:
        """Yield what to look up: what is hidden, and what does not exist.

        Args:
            kind: of the ids that fit, of which one is enough, as of others; None for all.
        """
        if name == "reference":
            yield from ((text, text[::-1]) for text in self.view.references)
        elif name == "id":
            hidden = self.view.hidden_ids.items()
            first_hidden = {prefix: texts[0] for prefix, texts in hidden if texts}
            others = [prefix for prefix in first_hidden if prefix != kind]
            for prefix in [kind, *others[:1]] if kind else others:
                if text := first_hidden.get(prefix):
                    yield text, ids.encode(prefix, ids.uuid7())

    def _values(self, one: Condition, kind: str | None) -> tuple[Any, Any] | None:
        """Return what to filter by: what is hidden, and what does not exist."""
        if one.operator == "text contains":
            return MARK, NO_MARK
        if one.operator == "text in":
            candidates = [*self.view.references[:AT_ONCE]] or [MARK]
            return candidates, [text[::-1] for text in candidates]
        candidates = [*self.view.hidden_ids.get(kind or "", ())][:AT_ONCE]
        if not candidates or kind is None:
            return None
        other = [ids.encode(kind, ids.uuid7()) for _ in candidates]
        return (candidates, other) if one.operator == "in" else (candidates[0], other[0])

    async def related(self, places: Iterable[Condition]) -> dict[str, Any]:
        """Filter by whether there is a related record, of every kind of relation."""
        rows = {}
        chosen = [one for one in places if one.operator == "related"]
        for at, part in enumerate(chunks(chosen, AT_ONCE)):
            document = self.everything.named_briefly([one.of(None) for one in part])
            rows[f"related {at}"] = await self.ask(document)
            self.tried |= {(one.kind, one.name) for one in part}
        return rows

    async def forget(self) -> None:
        """Delete what is hidden, so that what is left is what the person may know of."""
        async with self.view.application.engine.begin() as connection:
            await connection.execute(sa.text("SET session_replication_role = replica"))
            await remove(connection, self.view.hidden)


def _in_order(body: Any) -> list[Any]:
    """Return what the calls of a document came to, the n-th by the name `a<n>`."""
    return [value for name, value in body["data"].items() if name != "__typename"]


def _opened(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "==").decode("latin-1")
    except ValueError:
        return ""


def figures(view: View) -> list[Call]:
    """Ask the roots that compute figures."""
    world = view.world
    return [
        Call("coverageGap", {"of": {"standardId": world.ids["new"]}}),
        Call("coverageGap", {"of": {"programmeId": world.ids["programme"]}}),
        Call("transitionGap", {"olderId": world.ids["former"], "newerId": world.ids["latter"]}),
    ]


@asynccontextmanager
async def probing(view: View, everything: Everything) -> AsyncIterator[Prober]:
    """Ask as the person of a view."""
    async with client(view.application, view.person.token) as api:
        yield Prober(view, everything, api)


def same(before: dict[str, Any], after: dict[str, Any]) -> str | None:
    """Return where two readings differ, but for errors' ids and what guards say."""
    for name, answer in before.items():
        one, other = [_comparable(each) for each in (answer, after[name])]
        if one != other:
            return f"{name}: {_difference(one, other)}"
    return None


def _comparable(answer: Any) -> Any:
    return answer if isinstance(answer, str) else pruned(answer.get("data"))


def _difference(one: Any, other: Any, path: str = "") -> str | None:
    if type(one) is not type(other):
        return f"{path}: {one!r:.200} / {other!r:.200}"
    if isinstance(one, dict):
        parts = ((name, value, other.get(name)) for name, value in one.items())
        return next((d for n, a, b in parts if (d := _difference(a, b, f"{path}.{n}"))), None)
    if isinstance(one, list) and len(one) == len(other):
        parts_ = enumerate(zip(one, other, strict=True))
        return next((d for n, (a, b) in parts_ if (d := _difference(a, b, f"{path}[{n}]"))), None)
    return None if one == other else f"{path}: {one!r:.200} / {other!r:.200}"

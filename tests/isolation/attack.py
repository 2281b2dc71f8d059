"""Asks as one organization for what another one has, and compares with asking for nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp.kit import ids
from tests.evidence import owned_tables
from tests.isolation.documents import LEVELS, Documents, filled, shown
from tests.isolation.world import Step, World

NO_ID = "no id"
PASSING = {"capaClose"}  # after which a record shows what a later step takes away
_PREFIX = re.compile(r"\b([a-z]{2,6})_…")
_REQUEST_ID = re.compile(r'"requestId":"[^"]*"|\n(x-request-id|content-length|etag): [^\n]*')


@dataclass(frozen=True)
class Secrets:
    """What must not show: the ids of another organization's rows, and its word."""

    world: World
    pattern: re.Pattern[str]

    @classmethod
    async def of(cls, world: World, engine: AsyncEngine) -> "Secrets":
        """Read every id that the organization has, from every table."""
        found = {world.company.organization_id.hex, world.word.lower(), world.company.slug}
        found.add(world.company.owner.email)
        async with engine.connect() as connection:
            for table in await owned_tables(connection, "id"):
                asked = sa.text(f"SELECT id FROM {table} WHERE organization_id = :id")
                rows = await connection.scalars(asked, {"id": world.company.organization_id})
                found |= {id.hex for id in rows}
        return cls(world, re.compile("|".join(map(re.escape, found))))

    def first_in(self, answer: httpx2.Response, *, asked: Any = None) -> str | None:
        """Return a secret that headers or body hold, which may echo what was asked."""
        text = plain(answer, asked).lower()
        for form in (text, text.replace("-", "")):
            if found := self.pattern.search(form):
                return found[0]
        return None


@dataclass
class Asker:
    """Somebody at the endpoint; remembers which fields came back with a value."""

    http: httpx2.AsyncClient
    documents: Documents
    seen: set[tuple[str, str]]

    async def ask(
        self,
        kind: str,
        root: str,
        given: dict[str, Any],
        token: str | None = None,
        levels: int = LEVELS,
    ) -> httpx2.Response:
        """Ask one root field for everything that it can show, or let another bearer ask."""
        answer = await self.send(self.documents.operation(kind, root, levels), given, token)
        self.seen |= set(shown(answer.json().get("data")))
        return answer

    async def send(
        self, document: str, given: dict[str, Any], token: str | None = None
    ) -> httpx2.Response:
        """Send a valid document, or let another bearer send it."""
        body = {"query": document, "variables": given}
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = await self.http.post("/graphql", json=body, headers=headers)
        assert "GRAPHQL_VALIDATION_FAILED" not in answer.text, answer.text
        return answer

    async def take(self, step: Step, world: World) -> None:
        """Take a step, which must succeed, for a receipt; see all, where that is the only way."""
        given, token = {"input": step.given(world)}, world.people[step.by].token
        is_new = not self.documents.unasked(step.mutation) <= self.seen
        if not is_new and step.mutation not in PASSING:
            sent = await self.send(self.documents.receipt(step.mutation), given, token)
        else:
            sent = await self.ask("mutation", step.mutation, given, token, levels=1)
        answer = sent.json()
        assert "errors" not in answer, (step, answer["errors"])
        self.seen |= set(shown(answer["data"]))
        payload = answer["data"][step.mutation]
        assert payload["errors"] == [], (step, payload["errors"])
        world.noted(step.name, payload)
        await step.send(self.http, world, payload)
        await step.look(self.http, world)


def plain(answer: httpx2.Response, asked: Any) -> str:
    """Return status, headers and body without what differs between any two requests."""
    echo = asked if isinstance(asked, str) else "\0"
    headers = "".join(f"\n{name}: {value}" for name, value in sorted(answer.headers.items()))
    text = f"{answer.status_code}{headers}\n{answer.text}"
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
class Probe:
    """A root field with a place for an id or a text in its arguments."""

    kind: str
    root: str
    given: dict[str, Any]

    async def wanted(self, asker: Asker) -> list[str]:
        """Return the prefixes that the place takes, told by how it refuses what is no id."""
        answer = await asker.send(self._document(asker.documents), filled(self.given, NO_ID))
        return _PREFIX.findall(answer.text)

    async def ids(self, asker: Asker, secrets: Secrets) -> list[str]:
        """Return foreign ids to try: of all kinds that fit, of one that does not, and none."""
        known = foreign_ids(secrets.world)
        wanted = await self.wanted(asker) or list(known)
        other = next((id for prefix, id in known.items() if prefix not in wanted), NO_ID)
        fitting = [known[prefix] for prefix in wanted if prefix in known]
        return [*fitting, other, secrets.world.bare_id]

    async def compare(self, asker: Asker, secrets: Secrets, foreign: Any, nothing: Any) -> Any:
        """Ask for what is another's and for what is nobody's; the answers must be the same.

        Returns:
            The data that came back for the foreign one.
        """
        asked = self._document(asker.documents)
        theirs, none = [
            await asker.send(asked, filled(self.given, what)) for what in (foreign, nothing)
        ]
        assert secrets.first_in(theirs, asked=foreign) is None, self
        assert plain(theirs, foreign) == plain(none, nothing), self
        return theirs.json()

    def _document(self, documents: Documents) -> str:
        """Ask for everything; of what a filter leaves, for the ids: what rows show has its test."""
        is_filter = self.kind == "query" and "filter" in self.given
        if is_filter and (rows := documents.rows(self.root)):
            return rows
        levels = 1 if self.kind == "query" and not is_filter else 0
        return documents.operation(self.kind, self.root, levels)

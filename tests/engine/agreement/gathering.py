"""Reads what is there before anything is judged: values, ids, cursors, and who is refused what."""

import itertools
import random
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from graphql import (
    GraphQLField,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from graphql.type import get_nullable_type

from tests.company import Client
from tests.engine.agreement.arguments import PAGED
from tests.engine.agreement.known import Known, Spot, Subject
from tests.engine.agreement.literals import spelled
from tests.engine.agreement.tally import Tally
from tests.engine.agreement.values import Values

T = TypeVar("T")
MOST_VALUES, MOST_HOLDERS = 1_000, 20  # of one field
MOST_ROOTS = 10  # of one document: so often may it name one field


class Gathering:
    """Asks one person's view of the data."""

    def __init__(self, schema: GraphQLSchema, api: Client) -> None:
        self._schema, self._api = schema, api
        query = schema.query_type
        assert query is not None
        self._roots = query.fields

    async def rows(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Yield the leaves of all records, each with its type."""
        for name, field in self._roots.items():
            kind: Any = get_named_type(field.type)
            if kind.name.endswith("Connection"):
                record: Any = get_named_type(kind.fields["nodes"].type)
                async for row in self._register(name, record):
                    yield record.name, row
        organization: Any = self._schema.type_map["Organization"]
        document = f"{{ viewer {{ organization {{ {_leaves(organization)} }} }} }}"
        yield organization.name, (await self._api.ask(document))["viewer"]["organization"]

    async def ids(self) -> dict[Subject, list[str]]:
        """Return the ids of the first page of each register, by type."""
        kinds = {
            name: get_named_type(field.type).fields["nodes"].type
            for name, field in self._roots.items()
            if field.args.keys() >= PAGED
        }
        records: dict[str, Any] = {name: get_named_type(kind) for name, kind in kinds.items()}
        names = [name for name, record in records.items() if "id" in record.fields]
        ids: dict[Subject, list[str]] = {}
        for some in batched(names, MOST_ROOTS):
            selections = " ".join(f"{name}(first: 100) {{ nodes {{ id }} }}" for name in some)
            for name, page in (await self._api.ask(f"{{ {selections} }}")).items():
                ids[records[name].name, "id"] = [row["id"] for row in page["nodes"]]
        return ids

    async def _register(
        self, name: str, record: GraphQLObjectType
    ) -> AsyncIterator[dict[str, Any]]:
        document = f"""query ($after: String) {{ {name}(first: 100, after: $after) {{
            nodes {{ {_leaves(record)} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
        after, more = None, True
        while more:
            page = (await self._api.ask(document, after=after))[name]
            for row in page["nodes"]:
                yield row
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    async def hits(self, known: Known) -> None:
        """Find out which values go together, for the roots that cannot do without."""
        for name, field in self._roots.items():
            needed = [one for one, arg in field.args.items() if is_required_argument(arg)]
            if not needed or not all(_is_scalar(field.args[one].type) for one in needed):
                continue
            drawing = Values(self._schema, known, Tally(random.Random(0)))
            kind = get_named_type(field.type).name
            fitting = [self._fitting(known, drawing, kind, one) for one in needed]
            arguments = [
                dict(zip(needed, ids, strict=True))
                for ids in itertools.product(*fitting)
                if len({*ids}) == len(ids)
            ]
            for some in batched(arguments, MOST_ROOTS):
                known.hits[name] += await self._finding(name, some)

    async def _finding(self, name: str, given: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the arguments with which a root finds something."""
        calls = (", ".join(f"{n}: {spelled(value)}" for n, value in one.items()) for one in given)
        fields = " ".join(f"a{n}: {name}({c}) {{ __typename }}" for n, c in enumerate(calls))
        data = (await self._api.send(f"{{ {fields} }}"))["data"]
        return [one for n, one in enumerate(given) if data[f"a{n}"]]

    def _fitting(self, known: Known, drawing: Values, kind: str, argument: str) -> list[Any]:
        """Return what an argument can be: of any record's id, one of each kind."""
        subject = drawing.pointed(kind, argument)
        is_any = subject == ("Node", "id")
        return [ids[0] for ids in known.ids()] if is_any else known.values[subject]

    async def gaps(self, known: Known) -> None:
        """Find out which standards and programmes have something to cover."""
        document = """query ($of: CoverageGapBy!) { coverageGap(of: $of) { requirements } }"""
        for kind, one in (("AuditProgramme", "programmeId"), ("Standard", "standardId")):
            for id in known.values[kind, "id"]:
                of = {one: id}
                if (await self._api.ask(document, of=of))["coverageGap"]["requirements"]:
                    known.hits["coverageGap"].append({"of": of})

    async def spots(self, known: Known, chance: random.Random, count: int) -> None:
        """Ask every list with as many pairs of a filter and an order, and keep the cursors."""
        for name in list(self._schema.type_map):
            kind = self._schema.type_map[name]
            if not isinstance(kind, GraphQLObjectType) or name.startswith("__"):
                continue
            for field_name, field in kind.fields.items():
                if field.args.keys() >= PAGED:
                    for _ in range(count):
                        await self._spot(known, chance, kind, field_name, field)

    async def _spot(
        self,
        known: Known,
        chance: random.Random,
        kind: GraphQLObjectType,
        name: str,
        field: GraphQLField,
    ) -> None:
        values = Values(self._schema, known, Tally(chance))
        record = get_named_type(field.type).name.removesuffix("Connection")
        arguments: dict[str, Any] = {}
        for argument, share in (("filter", 0.35), ("orderBy", 0.6)):
            if chance.random() < share:
                drawn = field.args[argument].type
                arguments[argument] = values.of(drawn, (record, "id"), literal=False)
        given = {name: value for name, value in arguments.items() if value is not None}
        call = f"{name}(first: 8{''.join(f', {n}: {spelled(v)}' for n, v in given.items())})"
        asked_below = f"{call} {{ edges {{ cursor }} }}"
        answer = await self._api.send(self._below(known, chance, kind, asked_below))
        cursors = tuple(dict.fromkeys(_cursors(answer.get("data"))))
        if cursors:
            spot = Spot(given.get("filter"), given.get("orderBy"), cursors)
            known.spots[kind.name, name].append(spot)

    def _below(
        self, known: Known, chance: random.Random, kind: GraphQLObjectType, selected: str
    ) -> str:
        """Write the document that selects something of objects of a kind."""
        if kind is self._schema.query_type:
            return f"{{ {selected} }}"
        if ids := known.values.get((kind.name, "id")):
            wanted = spelled([*ids[:4], *ids[-4:]])
            return f"{{ nodes(ids: {wanted}) {{ ... on {kind.name} {{ {selected} }} }} }}"
        root = next(n for n, f in self._roots.items() if get_named_type(f.type) is kind)
        found = chance.choice(known.hits[root])
        hit = ", ".join(f"{name}: {spelled(value)}" for name, value in found.items())
        return f"{{ {root}({hit}) {{ {selected} }} }}"

    async def forbidden(self) -> frozenset[str]:
        """Return the roots that answer this person with FORBIDDEN."""
        kinds = {name: get_named_type(field.type).name for name, field in self._roots.items()}
        names = [n for n, kind in kinds.items() if "Connection" in kind or not self._roots[n].args]
        found = set()
        for some in batched(names, MOST_ROOTS):
            fields = " ".join(f"{name} {{ __typename }}" for name in some)
            answer = await self._api.send(f"{{ {fields} }}")
            for error in answer.get("errors", ()):
                if error["extensions"]["code"] == "FORBIDDEN":
                    name = error["path"][0]
                    record = kinds[name].removesuffix("Connection")
                    found |= {name, record[:1].lower() + record[1:]}
        return frozenset(found & self._roots.keys())


def batched(values: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    """Yield as many values at a time."""
    listed = [*values]
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def _is_scalar(kind: GraphQLInputType) -> bool:
    return is_leaf_type(get_nullable_type(kind))


def _leaves(kind: GraphQLObjectType | GraphQLInterfaceType) -> str:
    return " ".join(
        name for name, field in kind.fields.items() if is_leaf_type(get_named_type(field.type))
    )


def note(
    kind: str,
    row: dict[str, Any],
    values: dict[Subject, list[Any]],
    holders: dict[Subject, list[str]],
) -> None:
    """Note what a row holds, and that it does."""
    for name, value in row.items():
        known, held = values[kind, name], holders[kind, name]
        if value in (None, []):
            continue
        if "id" in row and len(held) < MOST_HOLDERS:
            held.append(row["id"])
        if not isinstance(value, list) and len(known) < MOST_VALUES and value not in known:
            known.append(value)


def _cursors(data: Any) -> list[str]:
    if isinstance(data, list):
        return [text for one in data for text in _cursors(one)]
    if isinstance(data, dict):
        own = [data["cursor"]] if "cursor" in data else []
        return own + [text for one in data.values() for text in _cursors(one)]
    return []

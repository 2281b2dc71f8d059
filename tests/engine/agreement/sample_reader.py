"""Reader of the sample data: values, ids, cursors, and the root fields refused to each caller."""

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
from tests.engine.agreement.literals import spelled
from tests.engine.agreement.sample_data import SampleData, Spot, Subject
from tests.engine.agreement.tally import Tally
from tests.engine.agreement.values import Values

T = TypeVar("T")
MOST_VALUES, MOST_HOLDERS = 1_000, 20  # of one field
MOST_ROOTS = 10  # of one document: so often may it name one field


class SampleReader:
    """Reads the data that one person may see."""

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

    async def hits(self, sample: SampleData) -> None:
        """Find arguments that match, for root fields with required ones."""
        for name, field in self._roots.items():
            needed = [one for one, arg in field.args.items() if is_required_argument(arg)]
            if not needed or not all(_is_scalar(field.args[one].type) for one in needed):
                continue
            drawing = Values(self._schema, sample, Tally(random.Random(0)))
            kind = get_named_type(field.type).name
            fitting = [self._fitting(sample, drawing, kind, one) for one in needed]
            arguments = [
                dict(zip(needed, ids, strict=True))
                for ids in itertools.product(*fitting)
                if len({*ids}) == len(ids)
            ]
            for some in batched(arguments, MOST_ROOTS):
                sample.hits[name] += await self._finding(name, some)

    async def _finding(
        self, name: str, arguments: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return the arguments with which a root field is not null."""
        calls = (
            ", ".join(f"{n}: {spelled(value)}" for n, value in one.items()) for one in arguments
        )
        fields = " ".join(f"a{n}: {name}({c}) {{ __typename }}" for n, c in enumerate(calls))
        data = (await self._api.send(f"{{ {fields} }}"))["data"]
        return [one for n, one in enumerate(arguments) if data[f"a{n}"]]

    def _fitting(self, sample: SampleData, drawing: Values, kind: str, argument: str) -> list[Any]:
        """Return values of an argument; for the id of any record, one of each type."""
        subject = drawing.pointed(kind, argument)
        is_any = subject == ("Node", "id")
        return [ids[0] for ids in sample.ids()] if is_any else sample.values[subject]

    async def gaps(self, sample: SampleData) -> None:
        """Find standards and programmes with requirements to cover."""
        document = """query ($of: CoverageGapBy!) { coverageGap(of: $of) { requirements } }"""
        for kind, one in (("AuditProgramme", "programmeId"), ("Standard", "standardId")):
            for id in sample.values[kind, "id"]:
                of = {one: id}
                if (await self._api.ask(document, of=of))["coverageGap"]["requirements"]:
                    sample.hits["coverageGap"].append({"of": of})

    async def spots(self, sample: SampleData, chance: random.Random, count: int) -> None:
        """Read every list with `count` pairs of a filter and an order, and keep the cursors."""
        for name in list(self._schema.type_map):
            kind = self._schema.type_map[name]
            if not isinstance(kind, GraphQLObjectType) or name.startswith("__"):
                continue
            for field_name, field in kind.fields.items():
                if field.args.keys() >= PAGED:
                    for _ in range(count):
                        await self._spot(sample, chance, kind, field_name, field)

    async def _spot(
        self,
        sample: SampleData,
        chance: random.Random,
        kind: GraphQLObjectType,
        name: str,
        field: GraphQLField,
    ) -> None:
        values = Values(self._schema, sample, Tally(chance))
        record = get_named_type(field.type).name.removesuffix("Connection")
        arguments: dict[str, Any] = {}
        for argument, share in (("filter", 0.35), ("orderBy", 0.6)):
            if chance.random() < share:
                drawn = field.args[argument].type
                arguments[argument] = values.of(drawn, (record, "id"), literal=False)
        values_given = {name: value for name, value in arguments.items() if value is not None}
        call = f"{name}(first: 8{''.join(f', {n}: {spelled(v)}' for n, v in values_given.items())})"
        asked_below = f"{call} {{ edges {{ cursor }} }}"
        answer = await self._api.send(self._below(sample, chance, kind, asked_below))
        cursors = tuple(dict.fromkeys(_cursors(answer.get("data"))))
        if cursors:
            spot = Spot(values_given.get("filter"), values_given.get("orderBy"), cursors)
            sample.spots[kind.name, name].append(spot)

    def _below(
        self, sample: SampleData, chance: random.Random, kind: GraphQLObjectType, selected: str
    ) -> str:
        """Return a document with a selection on objects of a type."""
        if kind is self._schema.query_type:
            return f"{{ {selected} }}"
        if ids := sample.values.get((kind.name, "id")):
            some_ids = spelled([*ids[:4], *ids[-4:]])
            return f"{{ nodes(ids: {some_ids}) {{ ... on {kind.name} {{ {selected} }} }} }}"
        root = next(n for n, f in self._roots.items() if get_named_type(f.type) is kind)
        arguments = chance.choice(sample.hits[root])
        hit = ", ".join(f"{name}: {spelled(value)}" for name, value in arguments.items())
        return f"{{ {root}({hit}) {{ {selected} }} }}"

    async def forbidden(self) -> frozenset[str]:
        """Return the roots that answer this person with FORBIDDEN."""
        kinds = {name: get_named_type(field.type).name for name, field in self._roots.items()}
        names = [n for n, kind in kinds.items() if "Connection" in kind or not self._roots[n].args]
        refused = set()
        for some in batched(names, MOST_ROOTS):
            fields = " ".join(f"{name} {{ __typename }}" for name in some)
            answer = await self._api.send(f"{{ {fields} }}")
            for error in answer.get("errors", ()):
                if error["extensions"]["code"] == "FORBIDDEN":
                    name = error["path"][0]
                    record = kinds[name].removesuffix("Connection")
                    refused |= {name, record[:1].lower() + record[1:]}
        return frozenset(refused & self._roots.keys())


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
    """Add the values of a row, and its id as a holder of them."""
    for name, value in row.items():
        seen, held = values[kind, name], holders[kind, name]
        if value in (None, []):
            continue
        if "id" in row and len(held) < MOST_HOLDERS:
            held.append(row["id"])
        if not isinstance(value, list) and len(seen) < MOST_VALUES and value not in seen:
            seen.append(value)


def _cursors(data: Any) -> list[str]:
    if isinstance(data, list):
        return [text for one in data for text in _cursors(one)]
    if isinstance(data, dict):
        cursors = [data["cursor"]] if "cursor" in data else []
        return cursors + [text for one in data.values() for text in _cursors(one)]
    return []

"""Ariadne, schema first, with the dataloaders that its documentation names, over asyncpg."""

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import statements
from aiodataloader import DataLoader
from ariadne import MutationType, ObjectType, QueryType, ScalarType, make_executable_schema
from ariadne.asgi import GraphQL
from starlette.applications import Starlette
from starlette.routing import Mount

_SCHEMA = Path(__file__).parent.parent / "domain/schema.graphql"
query, mutation = QueryType(), MutationType()
standard, clause = ObjectType("Standard"), ObjectType("Clause")
assessment, connection = ObjectType("ClauseAssessment"), ObjectType("ClauseAssessmentConnection")
finding = ObjectType("Finding")
moment = ScalarType("DateTime", serializer=lambda value: value.isoformat())


class Loaders:
    """The dataloaders of one request."""

    def __init__(self) -> None:
        self.users = DataLoader(partial(_by_ids, "users"))
        self.sites = DataLoader(partial(_by_ids, "sites"))
        self.clauses = DataLoader(partial(_by_ids, "clauses"))
        self.clauses_of = _sized(statements.clauses_of)
        self.assessments_of = _sized(statements.assessments_of)


def _sized(load: Any) -> Callable[[int], Any]:
    loaders: dict[int, Any] = {}

    async def dictionaries(first: int, ids: list[str]) -> list[list[dict[str, Any]]]:
        return [[dict(row) for row in group] for group in await load(first, ids)]

    def of(first: int) -> Any:
        if first not in loaders:
            loaders[first] = DataLoader(partial(dictionaries, first))
        return loaders[first]

    return of


async def _by_ids(table: str, ids: list[str]) -> list[dict[str, Any] | None]:
    return [row and dict(row) for row in await statements.by_ids(table, ids)]


def _relation(kind: ObjectType, name: str, loader: str, key: str) -> None:
    """Set the resolver of a relation, which waits only if there is something to load."""

    def resolve(root: Any, info: Any) -> Any:
        return getattr(info.context["loaders"], loader).load(root[key]) if root[key] else None

    kind.set_field(name, resolve)


_relation(clause, "parent", "clauses", "parent_id")
_relation(clause, "updatedBy", "users", "updated_by_id")
_relation(assessment, "clause", "clauses", "clause_id")
_relation(assessment, "owner", "users", "owner_id")
_relation(finding, "site", "sites", "site_id")
_relation(finding, "createdBy", "users", "created_by_id")


@query.field("standards")
async def standards(_: Any, _info: Any, first: int) -> Any:
    return {"nodes": [dict(row) for row in await statements.standards(first)]}


@query.field("clauses")
async def clauses(_: Any, _info: Any, first: int) -> Any:
    return {"nodes": [dict(row) for row in await statements.clauses(first)]}


@query.field("clauseAssessment")
async def clause_assessment(_: Any, _info: Any, by: dict[str, Any]) -> Any:
    return (await _by_ids("clause_assessments", [by["id"]]))[0]


@query.field("clauseAssessments")
async def clause_assessments(
    _: Any, _info: Any, first: int, filter: dict[str, Any] | None = None
) -> Any:
    conditions = filter or {}
    values = [(conditions.get(name) or {}).get("eq") for name in ("conformity", "implementation")]
    rows = await statements.assessments(*values, first + 1)
    edges = [{"cursor": _cursor(row), "node": dict(row)} for row in rows[:first]]
    end = edges[-1]["cursor"] if edges else None
    page_info = {"has_next_page": len(rows) > first, "end_cursor": end}
    return {"page_info": page_info, "edges": edges, "filter": values}


@connection.field("totalCount")
async def total_count(root: Any, _info: Any) -> int:
    return await statements.count_assessments(*root["filter"])


@standard.field("clauses")
async def clauses_of(root: Any, info: Any, first: int) -> Any:
    return {"nodes": await info.context["loaders"].clauses_of(first).load(root["id"])}


@clause.field("assessments")
async def assessments_of(root: Any, info: Any, first: int) -> Any:
    return {"nodes": await info.context["loaders"].assessments_of(first).load(root["id"])}


@mutation.field("findingCreate")
async def finding_create(_: Any, _info: Any, input: dict[str, Any]) -> Any:
    try:
        row = await statements.add_finding(**input)
    except asyncpg.ForeignKeyViolationError:
        return {"finding": None, "errors": [{"message": "There is no such site."}]}
    return {"finding": dict(row), "errors": []}


def _cursor(row: Any) -> str:
    return base64.urlsafe_b64encode(
        f"{row['assessed_at'].isoformat()} {row['id']}".encode()
    ).decode()


schema = make_executable_schema(
    _SCHEMA.read_text(),
    *(query, mutation, standard, clause, assessment, connection, finding, moment),
    convert_names_case=True,
)


@asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[None]:
    await statements.connect()
    yield


def _context(request: Any, _: Any = None) -> dict[str, Any]:
    return {"request": request, "loaders": Loaders()}


app = Starlette(routes=[Mount("/", GraphQL(schema, context_value=_context))], lifespan=_lifespan)

"""Strawberry with what makes it fast: rows as they come from asyncpg, parsed documents kept."""

import base64
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from enum import Enum
from functools import cached_property, partial
from typing import Any

import asyncpg
import statements
import strawberry
from starlette.applications import Starlette
from starlette.routing import Mount
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig


@strawberry.enum
class Conformity(Enum):
    NOT_ASSESSED = "NOT_ASSESSED"
    CONFORM = "CONFORM"
    MINOR_GAP = "MINOR_GAP"
    MAJOR_GAP = "MAJOR_GAP"


@strawberry.enum
class Implementation(Enum):
    NOT_STARTED = "NOT_STARTED"
    PLANNED = "PLANNED"
    PARTIAL = "PARTIAL"
    IMPLEMENTED = "IMPLEMENTED"


@strawberry.enum
class FindingGrade(Enum):
    MAJOR = "MAJOR"
    MINOR = "MINOR"
    OBSERVATION = "OBSERVATION"
    OFI = "OFI"
    GOOD_PRACTICE = "GOOD_PRACTICE"


@strawberry.enum
class FindingSource(Enum):
    AUDIT = "AUDIT"
    INSPECTION = "INSPECTION"
    COMPLAINT = "COMPLAINT"
    SUPPLIER = "SUPPLIER"
    PROCESS = "PROCESS"
    PRODUCT = "PRODUCT"
    SELF_REPORT = "SELF_REPORT"


def _loaded(loader: str, key: str) -> Any:
    """Declare a field that a loader fills; it waits only where there is something to load."""

    def resolve(root: Any, info: strawberry.Info) -> Any:
        return getattr(info.context, loader).load(root[key]) if root[key] else None

    return resolve


def _conformity(root: Any) -> Any:
    return Conformity(root["conformity"])


def _implementation(root: Any) -> Any:
    return Implementation(root["implementation"])


async def _assessments(root: Any, info: strawberry.Info, first: int = 25) -> Any:
    return {"nodes": await info.context.assessments_of(first).load(root["id"])}


async def _clauses(root: Any, info: strawberry.Info, first: int = 25) -> Any:
    return {"nodes": await info.context.clauses_of(first).load(root["id"])}


async def _total(root: Any) -> int:
    return await statements.count_assessments(*root["filter"])


@strawberry.type
class User:
    id: strawberry.ID
    name: str
    email: str


@strawberry.type
class Site:
    id: strawberry.ID
    code: str
    name: str


@strawberry.type
class Finding:
    id: strawberry.ID
    reference: str
    title: str
    status: str
    site: Site | None = strawberry.field(resolver=_loaded("sites", "site_id"))
    created_by: User | None = strawberry.field(resolver=_loaded("users", "created_by_id"))


@strawberry.type
class ClauseAssessment:
    id: strawberry.ID
    justification: str | None
    conformity: Conformity = strawberry.field(resolver=_conformity)
    implementation: Implementation = strawberry.field(resolver=_implementation)
    assessed_at: datetime
    clause: "Clause" = strawberry.field(resolver=_loaded("clauses", "clause_id"))
    owner: User | None = strawberry.field(resolver=_loaded("users", "owner_id"))


@strawberry.type
class AssessmentList:
    nodes: list[ClauseAssessment]


@strawberry.type
class Clause:
    id: strawberry.ID
    number: str
    title: str
    summary: str | None
    depth: int
    is_requirement: bool
    theme: str | None
    withdrawn_at: datetime | None
    created_at: datetime
    updated_at: datetime
    parent: "Clause | None" = strawberry.field(resolver=_loaded("clauses", "parent_id"))
    updated_by: User | None = strawberry.field(resolver=_loaded("users", "updated_by_id"))

    assessments: AssessmentList = strawberry.field(resolver=_assessments)


@strawberry.type
class ClauseConnection:
    nodes: list[Clause]


@strawberry.type
class Standard:
    id: strawberry.ID
    code: str
    title: str

    clauses: ClauseConnection = strawberry.field(resolver=_clauses)


@strawberry.type
class StandardConnection:
    nodes: list[Standard]


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class ClauseAssessmentEdge:
    cursor: str
    node: ClauseAssessment


@strawberry.type
class ClauseAssessmentConnection:
    page_info: PageInfo
    edges: list[ClauseAssessmentEdge]

    total_count: int = strawberry.field(resolver=_total)


@strawberry.input
class ConformityFilter:
    eq: Conformity | None = None


@strawberry.input
class ImplementationFilter:
    eq: Implementation | None = None


@strawberry.input
class ClauseAssessmentFilter:
    conformity: ConformityFilter | None = None
    implementation: ImplementationFilter | None = None

    def values(self) -> tuple[str | None, str | None]:
        """Return what is asked, None for anything."""
        conformity = self.conformity and self.conformity.eq
        implementation = self.implementation and self.implementation.eq
        return conformity and conformity.value, implementation and implementation.value


@strawberry.input
class ClauseAssessmentBy:
    id: strawberry.ID


@strawberry.type
class Query:
    @strawberry.field
    async def standards(self, first: int = 25) -> StandardConnection:
        return {"nodes": await statements.standards(first)}  # type: ignore

    @strawberry.field
    async def clauses(self, first: int = 25) -> ClauseConnection:
        return {"nodes": await statements.clauses(first)}  # type: ignore

    @strawberry.field
    async def clause_assessment(self, by: ClauseAssessmentBy) -> ClauseAssessment | None:
        return (await statements.by_ids("clause_assessments", [by.id]))[0]  # type: ignore

    @strawberry.field
    async def clause_assessments(
        self, first: int = 25, filter: ClauseAssessmentFilter | None = None
    ) -> ClauseAssessmentConnection:
        values = filter.values() if filter else (None, None)
        rows = await statements.assessments(*values, first + 1)
        edges = [{"cursor": _cursor(row), "node": row} for row in rows[:first]]
        end = edges[-1]["cursor"] if edges else None
        page_info = {"has_next_page": len(rows) > first, "end_cursor": end}
        return {"page_info": page_info, "edges": edges, "filter": values}  # type: ignore


@strawberry.input
class FindingCreateInput:
    title: str
    grade: FindingGrade
    source_type: FindingSource
    statement: str | None = None
    severity: int | None = None
    site_id: strawberry.ID | None = None


@strawberry.type
class UserError:
    message: str


@strawberry.type
class FindingCreatePayload:
    finding: Finding | None
    errors: list[UserError]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def finding_create(self, input: FindingCreateInput) -> FindingCreatePayload:
        try:
            row = await statements.add_finding(
                title=input.title,
                grade=input.grade.value,
                source_type=input.source_type.value,
                statement=input.statement,
                severity=input.severity,
                site_id=input.site_id,
            )
        except asyncpg.ForeignKeyViolationError:
            return {"finding": None, "errors": [{"message": "There is no such site."}]}  # type: ignore
        return {"finding": row, "errors": []}  # type: ignore


class Loaders:
    """The dataloaders of one request, each made when it is first needed."""

    @cached_property
    def users(self) -> Any:
        return DataLoader(partial(statements.by_ids, "users"))

    @cached_property
    def sites(self) -> Any:
        return DataLoader(partial(statements.by_ids, "sites"))

    @cached_property
    def clauses(self) -> Any:
        return DataLoader(partial(statements.by_ids, "clauses"))

    @cached_property
    def clauses_of(self) -> Callable[[int], Any]:
        return _sized(statements.clauses_of)

    @cached_property
    def assessments_of(self) -> Callable[[int], Any]:
        return _sized(statements.assessments_of)


def _sized(load: Any) -> Callable[[int], Any]:
    loaders: dict[int, Any] = {}

    def of(first: int) -> Any:
        if first not in loaders:
            loaders[first] = DataLoader(partial(load, first))
        return loaders[first]

    return of


def _cursor(row: Any) -> str:
    return base64.urlsafe_b64encode(
        f"{row['assessed_at'].isoformat()} {row['id']}".encode()
    ).decode()


class View(GraphQL):
    """The view, with fresh loaders for each request."""

    async def get_context(self, request: Any, response: Any) -> Loaders:  # noqa: ARG002
        return Loaders()


def _item(root: Any, name: str) -> Any:
    return root[name]


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    config=StrawberryConfig(default_resolver=_item),
    extensions=[lambda: ParserCache(maxsize=100), lambda: ValidationCache(maxsize=100)],
)


@asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[None]:
    await statements.connect()
    gc.collect()
    gc.freeze()
    yield


app = Starlette(routes=[Mount("/", View(schema, graphql_ide=None))], lifespan=_lifespan)

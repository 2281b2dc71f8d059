"""Strawberry as its documentation teaches: types, resolvers, dataloaders over SQLAlchemy's ORM."""

import base64
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any, Self
from uuid import UUID

import strawberry
import tables
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader


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


@strawberry.type
class User:
    id: strawberry.ID
    name: str
    email: str

    @classmethod
    def of(cls, row: tables.User) -> Self:
        return cls(id=strawberry.ID(str(row.id)), name=row.name, email=row.email)


@strawberry.type
class Site:
    id: strawberry.ID
    code: str
    name: str

    @classmethod
    def of(cls, row: tables.Site) -> Self:
        return cls(id=strawberry.ID(str(row.id)), code=row.code, name=row.name)


@strawberry.type
class Finding:
    id: strawberry.ID
    reference: str
    title: str
    status: str
    row: strawberry.Private[tables.Finding]

    @strawberry.field
    async def site(self, info: strawberry.Info) -> Site | None:
        if self.row.site_id is None:
            return None
        return Site.of(await info.context["loaders"].sites.load(self.row.site_id))

    @strawberry.field
    async def created_by(self, info: strawberry.Info) -> User | None:
        return await _user(info, self.row.created_by_id)

    @classmethod
    def of(cls, row: tables.Finding) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            reference=row.reference,
            title=row.title,
            status=row.status,
            row=row,
        )


@strawberry.type
class ClauseAssessment:
    id: strawberry.ID
    justification: str | None
    conformity: Conformity
    implementation: Implementation
    assessed_at: datetime
    row: strawberry.Private[tables.ClauseAssessment]

    @strawberry.field
    async def clause(self, info: strawberry.Info) -> "Clause":
        return Clause.of(await info.context["loaders"].clauses.load(self.row.clause_id))

    @strawberry.field
    async def owner(self, info: strawberry.Info) -> User | None:
        return await _user(info, self.row.owner_id)

    @classmethod
    def of(cls, row: tables.ClauseAssessment) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            justification=row.justification,
            conformity=Conformity(row.conformity),
            implementation=Implementation(row.implementation),
            assessed_at=row.assessed_at,
            row=row,
        )


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
    row: strawberry.Private[tables.Clause]

    @strawberry.field
    async def parent(self, info: strawberry.Info) -> "Clause | None":
        if self.row.parent_id is None:
            return None
        return Clause.of(await info.context["loaders"].clauses.load(self.row.parent_id))

    @strawberry.field
    async def updated_by(self, info: strawberry.Info) -> User | None:
        return await _user(info, self.row.updated_by_id)

    @strawberry.field
    async def assessments(self, info: strawberry.Info, first: int = 25) -> AssessmentList:
        rows = await info.context["loaders"].assessments_of(first).load(self.row.id)
        return AssessmentList(nodes=[ClauseAssessment.of(row) for row in rows])

    @classmethod
    def of(cls, row: tables.Clause) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            number=row.number,
            title=row.title,
            summary=row.summary,
            depth=row.depth,
            is_requirement=row.is_requirement,
            theme=row.theme,
            withdrawn_at=row.withdrawn_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
            row=row,
        )


@strawberry.type
class ClauseConnection:
    nodes: list[Clause]


@strawberry.type
class Standard:
    id: strawberry.ID
    code: str
    title: str
    row: strawberry.Private[tables.Standard]

    @strawberry.field
    async def clauses(self, info: strawberry.Info, first: int = 25) -> ClauseConnection:
        rows = await info.context["loaders"].clauses_of(first).load(self.row.id)
        return ClauseConnection(nodes=[Clause.of(row) for row in rows])

    @classmethod
    def of(cls, row: tables.Standard) -> Self:
        return cls(id=strawberry.ID(str(row.id)), code=row.code, title=row.title, row=row)


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
    conditions: strawberry.Private[list[Any]]

    @strawberry.field
    async def total_count(self) -> int:
        statement = select(func.count()).select_from(tables.ClauseAssessment)
        async with tables.Session() as session:
            return await session.scalar(statement.where(*self.conditions)) or 0


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

    def conditions(self) -> list[Any]:
        row, clauses = tables.ClauseAssessment, []
        if self.conformity and self.conformity.eq:
            clauses.append(row.conformity == self.conformity.eq.value)
        if self.implementation and self.implementation.eq:
            clauses.append(row.implementation == self.implementation.eq.value)
        return clauses


@strawberry.input
class ClauseAssessmentBy:
    id: strawberry.ID


@strawberry.type
class Query:
    @strawberry.field
    async def standards(self, first: int = 25) -> StandardConnection:
        statement = select(tables.Standard).order_by(tables.Standard.code).limit(first)
        async with tables.Session() as session:
            rows = await session.scalars(statement)
            return StandardConnection(nodes=[Standard.of(row) for row in rows])

    @strawberry.field
    async def clauses(self, first: int = 25) -> ClauseConnection:
        row = tables.Clause
        statement = select(row).order_by(row.standard_id, row.sort_key, row.id).limit(first)
        async with tables.Session() as session:
            return ClauseConnection(
                nodes=[Clause.of(each) for each in await session.scalars(statement)]
            )

    @strawberry.field
    async def clause_assessment(self, by: ClauseAssessmentBy) -> ClauseAssessment | None:
        async with tables.Session() as session:
            row = await session.get(tables.ClauseAssessment, by.id)
        return ClauseAssessment.of(row) if row else None

    @strawberry.field
    async def clause_assessments(
        self, first: int = 25, filter: ClauseAssessmentFilter | None = None
    ) -> ClauseAssessmentConnection:
        conditions = filter.conditions() if filter else []
        row = tables.ClauseAssessment
        statement = select(row).where(*conditions).order_by(row.assessed_at, row.id)
        async with tables.Session() as session:
            rows = (await session.scalars(statement.limit(first + 1))).all()
        edges = [
            ClauseAssessmentEdge(cursor=_cursor(row), node=ClauseAssessment.of(row))
            for row in rows[:first]
        ]
        end = edges[-1].cursor if edges else None
        page_info = PageInfo(has_next_page=len(rows) > first, end_cursor=end)
        return ClauseAssessmentConnection(page_info=page_info, edges=edges, conditions=conditions)


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
        finding = tables.Finding(
            title=input.title,
            grade=input.grade.value,
            source_type=input.source_type.value,
            statement=input.statement,
            severity=input.severity,
            site_id=UUID(input.site_id) if input.site_id else None,
        )
        async with tables.Session() as session:
            session.add(finding)
            try:
                await session.commit()
            except IntegrityError:
                error = UserError(message="There is no such site.")
                return FindingCreatePayload(finding=None, errors=[error])
        return FindingCreatePayload(finding=Finding.of(finding), errors=[])


class Loaders:
    """The dataloaders of one request."""

    def __init__(self) -> None:
        self.users = DataLoader(partial(_by_ids, tables.User))
        self.sites = DataLoader(partial(_by_ids, tables.Site))
        self.clauses = DataLoader(partial(_by_ids, tables.Clause))
        clause, assessment = tables.Clause, tables.ClauseAssessment
        self.clauses_of = _sized(
            tables.Standard, clause, clause.standard_id, [clause.sort_key, clause.id]
        )
        self.assessments_of = _sized(
            clause, assessment, assessment.clause_id, [assessment.assessed_at, assessment.id]
        )


async def _by_ids(model: Any, ids: list[Any]) -> list[Any]:
    async with tables.Session() as session:
        rows = {
            row.id: row for row in await session.scalars(select(model).where(model.id.in_(ids)))
        }
    return [rows.get(id) for id in ids]


def _sized(parent: Any, child: Any, key: Any, order: list[Any]) -> Callable[[int], Any]:
    loaders: dict[int, Any] = {}

    async def load(first: int, ids: list[Any]) -> list[list[Any]]:
        groups = defaultdict(list)
        async with tables.Session() as session:
            for row in await session.scalars(tables.below(parent, child, key, order, ids, first)):
                groups[getattr(row, key.key)].append(row)
        return [groups[id] for id in ids]

    def of(first: int) -> Any:
        if first not in loaders:
            loaders[first] = DataLoader(partial(load, first))
        return loaders[first]

    return of


async def _user(info: strawberry.Info, id: Any) -> User | None:
    return User.of(await info.context["loaders"].users.load(id)) if id else None


def _cursor(row: tables.ClauseAssessment) -> str:
    return base64.urlsafe_b64encode(f"{row.assessed_at.isoformat()} {row.id}".encode()).decode()


class App(GraphQL):
    """The view, with fresh loaders for each request."""

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        return {"request": request, "response": response, "loaders": Loaders()}


app = App(strawberry.Schema(query=Query, mutation=Mutation), graphql_ide=None)

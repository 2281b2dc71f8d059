"""FastAPI with response models over SQLAlchemy's ORM: REST, one route for each question."""

import base64
from collections import defaultdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import tables
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

app = FastAPI()
Session = Annotated[AsyncSession, Depends(tables.session)]


class Model(BaseModel):
    """Names in camel case, values from the rows."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)


class Named(Model):
    name: str


class Titled(Model):
    title: str


class ClauseLink(Model):
    number: str
    title: str


class AssessmentDetail(Model):
    id: UUID
    justification: str | None
    conformity: str
    implementation: str
    clause: Titled
    owner: Named | None


class AssessmentOfClause(Model):
    id: UUID
    conformity: str
    implementation: str
    owner: Named | None


class AssessmentsOfClause(Model):
    nodes: list[AssessmentOfClause]


class ClauseOfStandard(Model):
    id: UUID
    number: str
    title: str
    summary: str | None
    parent: ClauseLink | None
    updated_by: Named | None
    assessments: AssessmentsOfClause


class ClausesOfStandard(Model):
    nodes: list[ClauseOfStandard]


class StandardDetail(Model):
    id: UUID
    title: str
    clauses: ClausesOfStandard


class Standards(Model):
    nodes: list[StandardDetail]


class Clause(Model):
    id: UUID
    number: str
    title: str
    summary: str | None
    depth: int
    is_requirement: bool
    theme: str | None
    withdrawn_at: datetime | None
    created_at: datetime
    updated_at: datetime


class Clauses(Model):
    nodes: list[Clause]


class Assessment(AssessmentOfClause):
    justification: str | None


class AssessmentEdge(Model):
    cursor: str
    node: Assessment


class PageInfo(Model):
    has_next_page: bool
    end_cursor: str | None


class Assessments(Model):
    total_count: int
    page_info: PageInfo
    edges: list[AssessmentEdge]


class SiteLink(Model):
    code: str
    name: str


class Finding(Model):
    id: UUID
    reference: str
    title: str
    status: str
    site: SiteLink | None
    created_by: Named | None


class FindingInput(Model):
    title: str
    grade: Literal["MAJOR", "MINOR", "OBSERVATION", "OFI", "GOOD_PRACTICE"]
    source_type: str
    statement: str | None = None
    severity: int | None = None
    site_id: UUID | None = None


class Problem(Model):
    message: str


class FindingCreated(Model):
    finding: Finding | None
    errors: list[Problem]


@app.get("/clause-assessments/{id}", response_model=AssessmentDetail)
async def clause_assessment(id: UUID, session: Session) -> Any:
    row = tables.ClauseAssessment
    assessment = await session.scalar(
        select(row).where(row.id == id).options(joinedload(row.clause), joinedload(row.owner))
    )
    if assessment is None:
        raise HTTPException(404)
    return assessment


@app.get("/standards")
async def standards(session: Session, first: int = 25) -> Standards:
    rows = (
        await session.scalars(select(tables.Standard).order_by(tables.Standard.code).limit(first))
    ).all()
    clauses = await _clauses_of([each.id for each in rows], session)
    assessments = await _assessments_of(
        [clause.id for group in clauses.values() for clause in group], session
    )
    return Standards(nodes=[_standard(each, clauses[each.id], assessments) for each in rows])


async def _clauses_of(ids: list[UUID], session: AsyncSession) -> dict[UUID, list[tables.Clause]]:
    row = tables.Clause
    order = [row.sort_key, row.id]
    related = ("parent", "updated_by")
    statement = tables.below(tables.Standard, row, row.standard_id, order, ids, 20, *related)
    groups: dict[UUID, list[tables.Clause]] = defaultdict(list)
    for clause in await session.scalars(statement):
        groups[clause.standard_id].append(clause)
    return groups


async def _assessments_of(
    ids: list[UUID], session: AsyncSession
) -> dict[UUID, list[tables.ClauseAssessment]]:
    row = tables.ClauseAssessment
    order = [row.assessed_at, row.id]
    statement = tables.below(tables.Clause, row, row.clause_id, order, ids, 5, "owner")
    groups: dict[UUID, list[tables.ClauseAssessment]] = defaultdict(list)
    for assessment in await session.scalars(statement):
        groups[assessment.clause_id].append(assessment)
    return groups


def _standard(
    standard: tables.Standard,
    clauses: list[tables.Clause],
    assessments: dict[UUID, list[tables.ClauseAssessment]],
) -> StandardDetail:
    nodes = [
        ClauseOfStandard(
            id=clause.id,
            number=clause.number,
            title=clause.title,
            summary=clause.summary,
            parent=clause.parent,
            updated_by=clause.updated_by,
            assessments=AssessmentsOfClause(nodes=assessments[clause.id]),
        )
        for clause in clauses
    ]
    return StandardDetail(
        id=standard.id, title=standard.title, clauses=ClausesOfStandard(nodes=nodes)
    )


@app.get("/clauses", response_model=Clauses)
async def clauses(session: Session, first: int = 25) -> Any:
    row = tables.Clause
    order = (row.standard_id, row.sort_key, row.id)
    return {"nodes": (await session.scalars(select(row).order_by(*order).limit(first))).all()}


@app.get("/clause-assessments")
async def clause_assessments(
    session: Session,
    conformity: str | None = None,
    implementation: str | None = None,
    first: int = 25,
) -> Assessments:
    row = tables.ClauseAssessment
    statement = select(row)
    if conformity:
        statement = statement.where(row.conformity == conformity)
    if implementation:
        statement = statement.where(row.implementation == implementation)
    total = await session.scalar(statement.with_only_columns(func.count()))
    page = statement.order_by(row.assessed_at, row.id).limit(first + 1)
    rows = (await session.scalars(page.options(joinedload(row.owner)))).all()
    edges = [AssessmentEdge(cursor=_cursor(each), node=each) for each in rows[:first]]
    return Assessments(
        total_count=total,
        page_info=PageInfo(
            has_next_page=len(rows) > first, end_cursor=edges[-1].cursor if edges else None
        ),
        edges=edges,
    )


def _cursor(row: tables.ClauseAssessment) -> str:
    return base64.urlsafe_b64encode(f"{row.assessed_at.isoformat()} {row.id}".encode()).decode()


@app.post("/findings", response_model=FindingCreated)
async def create_finding(body: FindingInput, session: Session) -> Any:
    row = tables.Finding
    finding = row(**body.model_dump())
    session.add(finding)
    try:
        await session.commit()
    except IntegrityError:
        return FindingCreated(finding=None, errors=[Problem(message="There is no such site.")])
    related = (joinedload(row.site), joinedload(row.created_by))
    created = await session.scalar(
        select(row)
        .where(row.id == finding.id)
        .options(*related)
        .execution_options(populate_existing=True)
    )
    return {"finding": created, "errors": []}


@app.get("/typename")
async def typename() -> str:
    return "Query"

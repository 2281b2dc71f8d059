"""The plain tables as SQLAlchemy models, for the servers that use its ORM."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import FetchedValue, ForeignKey, Select, String, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    aliased,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.types import DateTime

engine = create_async_engine("postgresql+asyncpg://", pool_size=10, max_overflow=0)
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    """Every table."""

    type_annotation_map = {datetime: DateTime(timezone=True), str: String()}  # noqa: RUF012


class User(Base):
    """A person."""

    __tablename__ = "users"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]


class Site(Base):
    """A place."""

    __tablename__ = "sites"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]


class Finding(Base):
    """A nonconformity."""

    __tablename__ = "findings"
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=FetchedValue())
    reference: Mapped[str] = mapped_column(server_default=FetchedValue())
    title: Mapped[str]
    grade: Mapped[str]
    source_type: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=FetchedValue())
    statement: Mapped[str | None]
    severity: Mapped[int | None]
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("sites.id"))
    created_by_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id"), server_default=FetchedValue()
    )
    site: Mapped[Site | None] = relationship()
    created_by: Mapped[User | None] = relationship()


class Standard(Base):
    """A standard."""

    __tablename__ = "standards"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    title: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Clause(Base):
    """A clause of a standard."""

    __tablename__ = "clauses"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    standard_id: Mapped[UUID] = mapped_column(ForeignKey("standards.id"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("clauses.id"))
    updated_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    number: Mapped[str]
    sort_key: Mapped[str]
    title: Mapped[str]
    summary: Mapped[str | None]
    depth: Mapped[int]
    is_requirement: Mapped[bool]
    theme: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    parent: Mapped["Clause | None"] = relationship(remote_side="Clause.id")
    updated_by: Mapped[User | None] = relationship()


class ClauseAssessment(Base):
    """Assessment of a clause."""

    __tablename__ = "clause_assessments"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    clause_id: Mapped[UUID] = mapped_column(ForeignKey("clauses.id"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    justification: Mapped[str | None]
    conformity: Mapped[str]
    implementation: Mapped[str]
    assessed_at: Mapped[datetime]
    clause: Mapped[Clause] = relationship()
    owner: Mapped[User | None] = relationship()


def below(
    parent: Any, child: Any, key: Any, order: list[Any], ids: Any, first: int, *related: str
) -> Select[Any]:
    """Select the first rows of `child` below each of many parents, with what they point at."""
    page = select(child).where(key == parent.id).order_by(*order).limit(first).lateral()
    kept = aliased(child, page)
    loads = [selectinload(getattr(kept, name)) for name in related]
    statement = select(kept).select_from(parent).join(page, parent.id == page.c[key.key])
    return statement.where(parent.id.in_(ids)).options(*loads)


async def session() -> AsyncIterator[AsyncSession]:
    """Open the session of one request."""
    async with Session() as opened:
        yield opened

"""What a person sees of an organization, and what of it is outside the scope of their role."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from qgp.app import Application
from qgp.kit import ids
from qgp.kit.model import Record, records
from qgp.kit.policy import Principal, Role
from qgp.kit.scopes import SCOPED
from qgp.kit.session import Scope
from qgp.kit.subjects import POINTS
from qgp.kit.visibility import NODES, limits_of
from qgp.organizations.model import Department, Site
from tests.company import Company, Person
from tests.isolation.canaries import Canaries
from tests.isolation.world import World
from tests.kit.work import work_of

MARK = "OUTOFSCOPE"
A_FEW = 2
PLACES = ("site_id", "department_id")
Rows = Mapping[type[Record], Sequence[UUID]]


@dataclass(frozen=True)
class View:
    """A person at an application, and the records of their organization that they may not read.

    Attributes:
        visible, hidden: by kind, as the READ of the kind's module says.
        pointed: how often visible records name each id.
    """

    application: Application
    world: World
    person: Person
    visible: Rows
    hidden: Rows
    pointed: Counter[UUID] = field(default_factory=Counter)
    references: Sequence[str] = ()

    @property
    def hidden_ids(self) -> Mapping[str, Sequence[str]]:
        """The public ids of hidden records by prefix, those that visible records name first."""
        return {
            model.prefix: [
                ids.encode(model.prefix, id)
                for id in sorted(rows, key=lambda each: (-self.pointed[each], each))
            ]
            for model, rows in self.hidden.items()
        }

    @property
    def visible_ids(self) -> Sequence[str]:
        """The public ids of visible records: all of a kind of which some are hidden, else a few."""
        return [
            ids.encode(model.prefix, id)
            for model, rows in self.visible.items()
            for id in (rows if self.hidden[model] else rows[-A_FEW:])
        ]

    @cached_property
    def canaries(self) -> Canaries:
        """Whatever tells of a hidden record: its id, its reference, a text of its own."""
        hexes = (id.hex for rows in self.hidden.values() for id in rows)
        return Canaries.of(hexes, [MARK, *self.references])


async def arrange(
    connection: AsyncConnection, company: Company, person: Person, role: Role, flip: int
) -> None:
    """Deal the records between the person's place and others, and between them and the owner.

    Records with a place are dealt by place, for a role that holds in one; the others by owner.
    `flip` deals them the other way around. Evidence is dealt by confidentiality, too; actions and
    CAPAs go on.
    """
    organization, mine = company.organization_id, await _place_of(connection, person)
    other = await _other_place(connection, organization, mine)
    for model in records().values():
        table = sa.Table(model.__tablename__, sa.MetaData(), *_columns(model))
        by_place = role in SCOPED and all(name in table.c for name in PLACES)
        if model.prefix == "usr" or not (by_place or "owner_id" in table.c):
            continue
        statement = sa.select(table.c.id).where(table.c.organization_id == organization)
        for turn, id in enumerate(await connection.scalars(statement.order_by(table.c.id))):
            is_theirs = (turn + flip) % 2 == 0
            values: dict[str, Any] = {"owner_id": person.user_id if is_theirs else _owner(company)}
            if by_place:
                values = dict(zip(PLACES, mine if is_theirs else other, strict=True))
            changed = sa.update(table).where(table.c.id == id).values(values)
            await connection.execute(changed)
    for unfinished in _UNFINISHED:
        await connection.execute(sa.text(unfinished), {"id": organization})
    await connection.execute(
        sa.text(
            "UPDATE evidence_items SET confidentiality = 'CONFIDENTIAL' WHERE id IN (SELECT id "
            "FROM evidence_items WHERE organization_id = :id ORDER BY id LIMIT 2)"
        ),
        {"id": organization},
    )


# So that guards find something in the way.
_UNFINISHED = (
    "UPDATE actions SET status = 'TODO', completed_at = NULL, completion_note = NULL, "
    "completed_by_id = NULL, verified_at = NULL, verified_by_id = NULL "
    "WHERE organization_id = :id",
    "UPDATE capas SET status = 'IMPLEMENTING' WHERE organization_id = :id",
)


def _owner(company: Company) -> UUID:
    return company.owner.user_id


def _columns(model: type[Record]) -> list[sa.Column[Any]]:
    names = ("organization_id", "id", "owner_id", *PLACES)
    return [sa.Column(name, sa.Uuid) for name in names if name in model.__table__.columns]


async def _place_of(connection: AsyncConnection, person: Person) -> tuple[Any, Any]:
    statement = sa.text("SELECT site_id, department_id FROM users WHERE id = :id")
    site, department = (await connection.execute(statement, {"id": person.user_id})).one()
    return site, department


async def _other_place(connection: AsyncConnection, organization: UUID, mine: Any) -> list[Any]:
    return [
        await connection.scalar(
            sa.text(f"SELECT id FROM {table} WHERE organization_id = :id AND code = 'ELSEWHERE'"),
            {"id": organization},
        )
        for table in ("sites", "departments")
    ]


async def places(company: Company) -> dict[str, UUID]:
    """Give a company a place for somebody, and another one."""
    mine = {}
    for name, kind in zip(PLACES, (Site, Department), strict=True):
        async with work_of(company) as work:
            mine[name] = (await work.add(kind(code="MINE", name="Mine"))).id
            await work.add(kind(code="ELSEWHERE", name="Elsewhere"))
    return mine


async def principal_of(application: Application, company: Company, person: Person) -> Principal:
    """Return who somebody is to the permissions."""
    async with application.engine.connect() as connection:
        site, department = await _place_of(connection, person)
        statement = sa.text("SELECT role FROM users WHERE id = :id")
        role = Role(await connection.scalar(statement, {"id": person.user_id}))
    none = UUID(int=0)
    at: Any = {"site_id": site, "department_id": department}
    return Principal(person.user_id, none, company.organization_id, none, role, **at)


async def seen(application: Application, caller: Principal) -> tuple[Rows, Rows]:
    """Return what somebody may read, and what not, by the READ of each kind."""
    visible: dict[type[Record], Sequence[UUID]] = {}
    hidden: dict[type[Record], Sequence[UUID]] = {}
    async with application.database.read(Scope(caller.organization_id)) as session:
        for loader in NODES.values():
            model = loader.model
            whole = set(await session.scalars(sa.select(model.id)))
            limits = limits_of(model, caller)
            part = set(await session.scalars(sa.select(model.id).where(*limits)))
            visible[model], hidden[model] = sorted(part), sorted(whole - part)
    return visible, hidden


async def mark(connection: AsyncConnection, hidden: Rows) -> None:
    """Put the mark into the texts of hidden records."""
    for model, rows in hidden.items():
        for column in model.__table__.columns if rows else ():
            if not _is_text(column):
                continue
            name = f'"{column.name}"'
            changed = sa.text(
                f"UPDATE {model.__tablename__} SET {name} = {name} || ' {MARK}'"
                f" WHERE id = ANY(:ids) AND {name} IS NOT NULL"
            )
            try:
                async with connection.begin_nested():
                    await connection.execute(changed, {"ids": list(rows)})
            except sa.exc.DBAPIError:
                continue  # the column takes no such text: a code, an address, a hash


def _is_text(column: Any) -> bool:
    is_enum = isinstance(column.type, sa.Enum)
    is_kind = column.name.endswith("_type") or POINTS in column.info
    return isinstance(column.type, sa.String) and not (
        is_enum or is_kind or column.name in {"reference", "email", "content_type"}
    )


async def remove(connection: AsyncConnection, hidden: Rows) -> None:
    """Delete the hidden records, whatever points at them."""
    for model, rows in hidden.items():
        gone = sa.text(f"DELETE FROM {model.__tablename__} WHERE id = ANY(:ids)")
        await connection.execute(gone, {"ids": list(rows)})


async def references_of(connection: AsyncConnection, hidden: Rows) -> list[str]:
    """Return the references of hidden records."""
    references: list[str] = []
    for model, rows in hidden.items():
        if rows and "reference" in model.__table__.columns and model.prefix != "smi":
            statement = sa.text(f"SELECT reference FROM {model.__tablename__} WHERE id = ANY(:ids)")
            references += [
                ref for ref in await connection.scalars(statement, {"ids": list(rows)}) if ref
            ]
    return references


async def pointed_at(connection: AsyncConnection, visible: Rows) -> Counter[UUID]:
    """Count how often visible records name each id."""
    counts: Counter[UUID] = Counter()
    for model, rows in visible.items():
        for column in model.__table__.columns:
            if column.info.get("ref") or column.info.get(POINTS):
                statement = sa.text(
                    f'SELECT "{column.name}" FROM {model.__tablename__} WHERE id = ANY(:ids)'
                )
                counts.update(await connection.scalars(statement, {"ids": list(rows)}))
    return counts


def without_cursors(data: Any) -> Any:
    """Return data without cursors, which are sealed to the filter that was asked for."""
    if isinstance(data, list):
        return [without_cursors(item) for item in data]
    if not isinstance(data, dict):
        return data
    kept = ((name, part) for name, part in data.items() if not name.lower().endswith("cursor"))
    return {name: without_cursors(part) for name, part in kept}


def pruned(data: Any) -> Any:
    """Return data without what guards say: they count hidden records, and may."""
    if isinstance(data, list):
        return [pruned(item) for item in data]
    if not isinstance(data, dict):
        return data
    kept = ((name, value) for name, value in data.items() if not _is_guard(name))
    return {name: pruned(value) for name, value in kept}


def _is_guard(name: str) -> bool:
    """Say whether a field is a guard's, or the clock's, as signed addresses are."""
    field = name.rpartition("_")[2]
    return field.startswith("viewerCan") or field in {"availableTransitions", "serverInfo", "url"}


def chunks(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """Cut a list into pieces."""
    return [items[at : at + size] for at in range(0, len(items), size)]


def literal(value: Any) -> str:
    """Write a value as GraphQL does."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value)

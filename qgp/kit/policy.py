"""Roles and permissions: each module declares its permissions; everything else is denied."""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import Forbidden


class Role(DescribedEnum):
    """Role of a user in the organization, which decides on their permissions. "Quality" in a
    description means OWNER, ADMIN and QUALITY_MANAGER.
    """

    OWNER = "OWNER", "All permissions; the last owner cannot be removed."
    ADMIN = "ADMIN", "Everything but signing for others."
    QUALITY_MANAGER = (
        "QUALITY_MANAGER",
        "Manages the quality system: standards, verification, closure.",
    )
    LEAD_AUDITOR = "LEAD_AUDITOR", "Plans and leads audits, raises and closes findings."
    AUDITOR = "AUDITOR", "Performs audits and raises findings."
    RISK_MANAGER = "RISK_MANAGER", "Manages the risk register, its matrices and the risk appetite."
    HSE_MANAGER = "HSE_MANAGER", "Manages incidents, health data, environment and safety."
    PROCESS_OWNER = (
        "PROCESS_OWNER",
        "Is responsible for a process: its findings, actions and risks.",
    )
    EMPLOYEE = "EMPLOYEE", "Reports, acknowledges, and works on assigned tasks."
    EXTERNAL_AUDITOR = "EXTERNAL_AUDITOR", "Reads what is in scope, until a given day."
    SUPPLIER_CONTACT = (
        "SUPPLIER_CONTACT",
        "Represents a supplier; sees only records that concern it.",
    )


EVERYONE = frozenset(Role)
_FEW_LEFT = 3
ADMINISTRATORS = frozenset({Role.OWNER, Role.ADMIN})
QUALITY = ADMINISTRATORS | {Role.QUALITY_MANAGER}


def audience(roles: Collection[Role], *further: str) -> str:
    """Return the sentence about the people who may do something; empty for everyone.

    Args:
        roles: the roles that may.
        further: further people who may, such as "its owner".
    """
    left = [role.value for role in Role if role not in roles]
    if not left:
        return ""
    named = [role.value for role in Role if role in roles]
    is_most = len(left) <= _FEW_LEFT
    groups = [f"everyone but {', '.join(left)}"] if is_most else [", ".join(named)] * bool(named)
    return f"For {', or '.join([*groups, *further])}."


def asking(roles: Collection[Role], *further: str) -> str:
    """Return the sentence about the people to ask, the role with the fewest permissions first.

    Args:
        roles: the roles that may.
        further: further people who may, such as "its owner".
    """
    left = [role.value for role in reversed(Role) if role not in roles]
    if len(left) <= _FEW_LEFT:
        return f"Ask somebody who is not {either(left)}."
    named = [role.value for role in reversed(Role) if role in roles]
    groups = [f"somebody who is {either(named)}"] if named else []
    return f"Ask {', or '.join([*groups, *further])}."


def either(names: Sequence[str]) -> str:
    """Return names joined: A, B or C."""
    return " or ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


@dataclass(frozen=True)
class Principal:
    """Signed-in user of one operation, by the current state of the database.

    Attributes:
        user_id: the user in the organization.
        account_id: the person's account.
        organization_id: the organization.
        session_id: the sign-in of the request.
        role: of the user.
        zone: IANA time zone of the organization, for calendar days.
        site_id, department_id: the part of the organization that the role is limited to; None for
            all of it.
    """

    user_id: UUID
    account_id: UUID
    organization_id: UUID
    session_id: UUID
    role: Role
    zone: str = "UTC"
    site_id: UUID | None = None
    department_id: UUID | None = None

    @property
    def permissions(self) -> Sequence[str]:
        """The sorted names of the role's permissions."""
        return permissions_of(self.role)

    def may(self, permission: "Permission") -> bool:
        """Whether the role holds the permission."""
        return self.role in permission.roles

    def require(self, permission: "Permission") -> None:
        """Raise Forbidden unless the role holds the permission."""
        if not self.may(permission):
            raise Forbidden(
                f"Your role {self.role.value} lacks the permission {permission.name}. "
                f"{asking(permission.roles)}"
            )


@dataclass(frozen=True, eq=False)
class SignedIn:
    """Valid sign-in; one object for as long as it is cached, so that other caches refer to it.

    Attributes:
        principal: the signed-in user.
        stamp: value of the database that changes with everything that affects the sign-in; where
            it differs, or is missing, the sign-in is validated again.
    """

    principal: Principal
    stamp: str

    @cached_property
    def session_and_stamp(self) -> str:
        """The id of the sign-in and its stamp in one text, as the database returns them."""
        return f"{self.principal.session_id} {self.stamp}"


Rows = Callable[[Principal], sa.ColumnElement[bool] | None]
PERMISSIONS: dict[str, "Permission"] = {}  # by name, see `qgp.kit.composition`
MAX_PRINCIPALS = 64  # whose conditions of row scopes are kept; up to 200 KB each


@dataclass(frozen=True, eq=False)
class Permission:
    """Named permission, for example `Permission("standard:manage", QUALITY)`.

    Attributes:
        name: `<record>:<act>`, unique; clients see it in `viewer.permissions`.
        roles: the roles that hold it.
        rows: for roles that are limited to some records, the SQL condition on a row; it returns
            None where the caller is not limited.
    """

    name: str
    roles: frozenset[Role]
    rows: Mapping[Role, Rows] = field(default_factory=dict)

    def visible(self, principal: Principal) -> Sequence[sa.ColumnElement[bool]]:
        """Return the conditions on the rows that the principal may access; often none."""
        limit = self.rows.get(principal.role)
        condition = None if limit is None else condition_of(limit, principal)
        return [] if condition is None else [condition]


def condition_of(limit: Rows, principal: Principal) -> sa.ColumnElement[bool] | None:
    """Return the condition of a row scope for a principal, which is kept.

    It shares those of other permissions inside it: to make all of a process owner with a site took
    220 ms and 6 MB, and takes 9 ms and 0.2 MB.
    """
    condition: sa.ColumnElement[bool] | None = kept(principal, limit, lambda: limit(principal))
    return condition


def readable_ids(model: Any, read: Permission, principal: Principal) -> sa.Select[Any] | None:
    """Select the ids of the rows that the principal may read; None where they may read all.

    For conditions that all rows have to meet: PostgreSQL can join these ids.

    Args:
        model: the mapped class of the rows.
    """
    limits = read.visible(principal)
    return sa.select(model.id).where(*limits).correlate(None) if limits else None


def readable_ids_cte(model: Any, read: Permission, principal: Principal) -> sa.Select[Any] | None:
    """Select the same ids from a common table expression, one for all conditions of a statement.

    For alternatives, joined by OR: PostgreSQL reads all these ids for each of them, but those of
    a common table expression are planned and read once. Comments of a process owner with a site
    and a department took 16 KB of SQL, 27 ms to compile and 9 ms to plan; they take 5 KB, 9 ms
    and 2 ms.
    """

    def make() -> sa.Select[Any] | None:
        limits = read.visible(principal)
        if not limits:
            return None
        # The table in place of the class saves the ORM's part of the compilation.
        table: sa.Table = model.__table__
        is_own = table.c.organization_id == principal.organization_id
        return sa.select(sa.select(table.c.id).where(*limits, is_own).cte().c.id)

    selected: sa.Select[Any] | None = kept(principal, (model, read), make)
    return selected


def kept(principal: Principal, key: Hashable, make: Callable[[], Any]) -> Any:
    """Return a part of conditions, made once for a principal, so that statements share it."""
    parts = _parts(principal)
    if key not in parts:
        parts[key] = make()
    return parts[key]


@lru_cache(MAX_PRINCIPALS)
def _parts(_: Principal) -> dict[Hashable, Any]:
    return {}


def forget_conditions() -> None:
    """Forget the conditions of row scopes, which are then made of the present permissions."""
    _parts.cache_clear()


def permissions_of(role: Role) -> list[str]:
    """Return the sorted names of a role's permissions."""
    return sorted(name for name, permission in PERMISSIONS.items() if role in permission.roles)


def permission_names() -> Sequence[str]:
    """Return the sorted names of all permissions."""
    return sorted(PERMISSIONS)

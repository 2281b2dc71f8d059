"""What a caller may see, as far as it decides how SQL reads; who they are stays a parameter."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm

from qgp.kit.model import Owned
from qgp.kit.policy import Permission, Principal, Role, SignedIn

ORGANIZATION = sa.bindparam("organization", type_=sa.Uuid)


@dataclass(frozen=True)
class Access:
    """The rights of a caller; two callers of equal access share plans and statements.

    Attributes:
        has_site, has_department: whether the role holds for a part of the organization only.
    """

    role: Role
    has_site: bool
    has_department: bool

    @classmethod
    def of(cls, caller: Principal) -> "Access":
        """Return the rights of a caller."""
        return cls(caller.role, caller.site_id is not None, caller.department_id is not None)

    def may(self, permission: Permission) -> bool:
        """Say whether the role holds the permission."""
        return self.role in permission.roles

    @property
    def caller(self) -> Principal:
        """A principal of parameters, for the conditions that a permission puts on rows."""
        return Principal(
            user_id=_parameter("caller_user_id"),
            account_id=_parameter("caller_account_id"),
            organization_id=cast(UUID, ORGANIZATION),
            session_id=_parameter("caller_session_id"),
            role=self.role,
            site_id=_parameter("caller_site_id") if self.has_site else None,
            department_id=_parameter("caller_department_id") if self.has_department else None,
        )


@lru_cache(4096)
def audience_key(signed_in: SignedIn) -> str:
    """Name whom an answer fits: everybody of equal access in one organization."""
    return f"{signed_in.principal.organization_id} {Access.of(signed_in.principal)}"


def caller_parameters(caller: Principal) -> dict[str, Any]:
    """Return the values of the parameters above."""
    return {
        "organization": caller.organization_id,
        "caller_user_id": caller.user_id,
        "caller_account_id": caller.account_id,
        "caller_session_id": caller.session_id,
        "caller_site_id": caller.site_id,
        "caller_department_id": caller.department_id,
    }


def is_caller_parameter(parameter: str) -> bool:
    """Say whether a parameter tells who asks, rather than where."""
    return parameter.startswith("caller_")


def within_organization(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Let every record of a statement be of the caller's organization, as sessions do."""
    return statement.options(
        orm.with_loader_criteria(
            Owned,
            lambda kind: kind.organization_id == ORGANIZATION,
            include_aliases=True,
            track_closure_variables=False,
        )
    )


def _parameter(name: str) -> UUID:
    return cast(UUID, sa.bindparam(name, type_=sa.Uuid))

"""Permissions of a caller, as far as they decide the text of SQL; the identity is a parameter."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.organization_criterion import OrganizationCriterion
from qgp.kit.policy import Permission, Principal, Role, SignedIn

ORGANIZATION = sa.bindparam("organization", type_=sa.Uuid)
_CALLER = "caller_"
_WITHIN_ORGANIZATION = OrganizationCriterion(ORGANIZATION)


@dataclass(frozen=True)
class Access:
    """The permissions of a caller; callers of equal access share plans and statements.

    Attributes:
        has_site, has_department: whether the role is limited to a part of the organization.
    """

    role: Role
    has_site: bool
    has_department: bool

    @classmethod
    def of(cls, caller: Principal) -> "Access":
        """Return the access of a caller."""
        return cls(caller.role, caller.site_id is not None, caller.department_id is not None)

    def may(self, permission: Permission) -> bool:
        """Return whether the role has the permission."""
        return self.role in permission.roles

    @property
    def caller(self) -> Principal:
        """A principal made of SQL parameters, for the row scope of a permission."""
        return _caller(self)


@cache
def _caller(access: Access) -> Principal:
    """Return one principal for each access, for which the conditions of permissions are kept."""
    return Principal(
        user_id=_parameter("caller_user_id"),
        account_id=_parameter("caller_account_id"),
        organization_id=cast(UUID, ORGANIZATION),
        session_id=_parameter("caller_session_id"),
        role=access.role,
        site_id=_parameter("caller_site_id") if access.has_site else None,
        department_id=_parameter("caller_department_id") if access.has_department else None,
    )


@lru_cache(4096)
def audience_key(signed_in: SignedIn) -> str:
    """Return a key that callers of equal access in one organization share."""
    return f"{signed_in.principal.organization_id} {Access.of(signed_in.principal)}"


def caller_parameters(caller: Principal) -> dict[str, Any]:
    """Return the values of the parameters of `Access.caller`."""
    return {
        "organization": caller.organization_id,
        "caller_user_id": caller.user_id,
        "caller_account_id": caller.account_id,
        "caller_session_id": caller.session_id,
        "caller_site_id": caller.site_id,
        "caller_department_id": caller.department_id,
    }


def is_caller_parameter(name: str) -> bool:
    """Return whether a parameter identifies the caller, not only the organization."""
    return name.startswith(_CALLER)


def within_organization(statement: sa.Select[Any]) -> sa.Select[Any]:
    """Limit every table of a statement to the caller's organization, as sessions do."""
    return statement.options(_WITHIN_ORGANIZATION)


def _parameter(name: str) -> UUID:
    return cast(UUID, sa.bindparam(name, type_=sa.Uuid))

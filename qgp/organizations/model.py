"""Tables of organizations, sites and departments."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import AlreadyExists
from qgp.kit.model import Record, check, in_range, ref, unique
from qgp.kit.text_keys import sortable


class OrganizationStatus(DescribedEnum):
    """Status of an organization."""

    ACTIVE = "ACTIVE", "Users may sign in."
    SUSPENDED = "SUSPENDED", "No user may sign in; the records are kept."


_DAYS = (
    "major_response_days",
    "major_closure_days",
    "minor_response_days",
    "minor_closure_days",
    "shortest_window_days_low",
    "shortest_window_days_medium",
    "shortest_window_days_high",
    "shortest_window_days_critical",
)


def _setting(default: int) -> Mapped[int]:
    return mapped_column(default=default, server_default=str(default))


class Organization(Record):
    """A tenant; its own id is the `organization_id` of everything it owns."""

    __tablename__ = "organizations"
    prefix = "org"

    name: Mapped[str]
    slug: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="UTC")
    locale: Mapped[str] = mapped_column(default="en")
    currency: Mapped[str] = mapped_column(default="EUR")
    status: Mapped[OrganizationStatus] = mapped_column(default=OrganizationStatus.ACTIVE)
    major_response_days: Mapped[int] = _setting(30)
    major_closure_days: Mapped[int] = _setting(180)
    minor_response_days: Mapped[int] = _setting(60)
    minor_closure_days: Mapped[int] = _setting(180)
    is_major_closable_in_effectiveness: Mapped[bool] = mapped_column(
        default=False, server_default=sa.false()
    )
    concession_months: Mapped[int] = _setting(12)
    shortest_window_days_low: Mapped[int] = _setting(30)
    shortest_window_days_medium: Mapped[int] = _setting(30)
    shortest_window_days_high: Mapped[int] = _setting(60)
    shortest_window_days_critical: Mapped[int] = _setting(90)

    __table_args__: Any = (
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint(
            "slug",
            info={
                "error": AlreadyExists(
                    "Another organization has this slug. Slugs are unique; choose another.", "slug"
                )
            },
        ),
        check("own_tenant", "id = organization_id"),
        check("slug_shape", "slug ~ '^[a-z0-9-]{3,40}$'"),
        *(in_range(name, 1, 730, "A term is 1 to 730 days.") for name in _DAYS),
        in_range("concession_months", 1, 60, "The longest term of a concession is 1 to 60 months."),
    )


class Site(Record):
    """A site of the organization."""

    __tablename__ = "sites"
    prefix = "sit"

    code: Mapped[str] = sortable()
    name: Mapped[str] = sortable(is_indexed=False)
    country: Mapped[str | None]
    parent_id: Mapped[UUID | None] = ref("sites")
    __table_args__: Any = (unique("code", kind="site"),)


class Department(Record):
    """A department of the organization."""

    __tablename__ = "departments"
    prefix = "dep"

    code: Mapped[str] = sortable()
    name: Mapped[str] = sortable(is_indexed=False)
    parent_id: Mapped[UUID | None] = ref("departments")
    __table_args__: Any = (unique("code", kind="department"),)

"""GraphQL type and query field of the transition gap between two editions."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
import strawberry

from qgp.kit import ids
from qgp.kit.errors import Invalid
from qgp.kit.gql import Connection, Info, Requires, column, computed, listing, object_type
from qgp.standards import model, policy
from qgp.standards.loaders import clause_mappings, standard_by_id
from qgp.standards.model import Clause, ClauseAssessment, ClauseMapping
from qgp.standards.model.terms import ChangeKind, Conformity, MappingBasis, MappingStatus
from qgp.standards.types import ClauseMapping as ClauseMappingType
from qgp.standards.types import Standard

_OPENING = (ChangeKind.RENUMBERED, ChangeKind.EXTENDED, ChangeKind.NEW)


@dataclass(frozen=True)
class Gap:
    """The two editions of a transition."""

    older: model.Standard
    newer: model.Standard

    @property
    def changes(self) -> list[sa.ColumnElement[bool]]:
        """The conditions that a mapping belongs to this transition.

        Its clauses are requirements in use: a clause divided since only groups others.
        """
        requirement = sa.select(Clause.id).where(Clause.is_requirement)
        in_use = requirement.where(Clause.withdrawn_at.is_(None))
        start, end = ClauseMapping.from_clause_id, ClauseMapping.to_clause_id
        return [
            sa.or_(start.is_(None), start.in_(requirement)),
            sa.or_(end.is_(None), end.in_(in_use)),
            ClauseMapping.from_standard_id == self.older.id,
            ClauseMapping.to_standard_id == self.newer.id,
            ClauseMapping.basis == MappingBasis.EDITION_CHANGE,
            ClauseMapping.status != MappingStatus.REJECTED,
        ]


@object_type
class ChangeCount:
    """Number of clauses with one kind of change between two editions."""

    change_kind: ChangeKind = column("Kind of change.")
    count: int = column("Number of clauses.")
    open_count: int = column(
        "Number of these clauses that are RENUMBERED, EXTENDED or NEW and not yet assessed, for "
        "the whole organization and other than by a carried assessment still to be reviewed, as "
        "CONFORM or not applicable; 0 for other kinds."
    )


async def _counts(root: Gap, info: Info) -> list[ChangeCount]:
    met = sa.exists().where(
        ClauseAssessment.clause_id == ClauseMapping.to_clause_id,
        ClauseAssessment.organization_id == ClauseMapping.organization_id,
        ClauseAssessment.site_id.is_(None),
        ~ClauseAssessment.is_review_required,
        sa.or_(ClauseAssessment.conformity == Conformity.CONFORM, ~ClauseAssessment.is_applicable),
    )
    asks = sa.and_(ClauseMapping.change_kind.in_(_OPENING), sa.not_(met))
    counted: Any = sa.select(
        ClauseMapping.change_kind, sa.func.count(), sa.func.count().filter(asks)
    )
    counted = counted.where(*root.changes).group_by(ClauseMapping.change_kind)
    return [
        ChangeCount(change_kind=kind, count=count, open_count=open_count)
        for kind, count, open_count in await info.context.tuples(counted)
    ]


@object_type
class TransitionGap:
    """The transition gap between two editions of a standard."""

    older: Standard = column("Older edition.")
    newer: Standard = column("Newer edition.")
    counts: list[ChangeCount] = computed(
        _counts, "Numbers of clauses by kind of change.", most=len(ChangeKind)
    )
    changes: Connection[ClauseMappingType] = listing(
        clause_mappings,
        "Clause mappings between the two editions; `toClause.assessment` shows your conformity.",
        within=lambda gap: gap.changes,
    )


async def _gap(
    info: Info,
    older_id: Annotated[strawberry.ID, strawberry.argument(description="The older edition.")],
    newer_id: Annotated[
        strawberry.ID, strawberry.argument(description="The newer edition of the same family.")
    ],
) -> Any:
    standard_ids = (ids.decode("std", older_id, "olderId"), ids.decode("std", newer_id, "newerId"))
    older, newer = await asyncio.gather(*[_standard(info, id) for id in standard_ids])
    if older is None or newer is None:
        return None
    if older.family_code != newer.family_code and newer.supersedes_id != older.id:
        raise Invalid(
            "The two standards belong to different families. A transition gap compares two "
            "editions of one family, or one that `supersedes` the other; send another newerId.",
            "newerId",
        )
    return Gap(older, newer)


async def _standard(info: Info, id: UUID) -> model.Standard | None:
    return await info.context.load(standard_by_id, id)


def transition_gap() -> Any:
    """Return the query field `transitionGap`."""
    return strawberry.field(
        _gap,
        description="Transition gap between two editions of one family in your library.",
        extensions=[Requires(policy.READ)],
    )

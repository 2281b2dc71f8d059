"""What moving from one edition of a standard to the next asks of the organization."""

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
from qgp.standards.model import ClauseAssessment, ClauseMapping
from qgp.standards.model.terms import ChangeKind, Conformity, MappingBasis, MappingStatus
from qgp.standards.types import ClauseMapping as ClauseMappingType
from qgp.standards.types import Standard

_ASKING = (ChangeKind.NEW, ChangeKind.EXTENDED)


@dataclass(frozen=True)
class Gap:
    """The two editions of a transition."""

    older: model.Standard
    newer: model.Standard

    @property
    def changes(self) -> list[sa.ColumnElement[bool]]:
        """The condition that a mapping tells of this transition."""
        return [
            ClauseMapping.from_standard_id == self.older.id,
            ClauseMapping.to_standard_id == self.newer.id,
            ClauseMapping.basis == MappingBasis.EDITION_CHANGE,
            ClauseMapping.status != MappingStatus.REJECTED,
        ]


@object_type
class ChangeCount:
    """How many clauses share a fate between two editions."""

    change_kind: ChangeKind = column("What became of the clauses.")
    count: int = column("How many there are.")
    open_count: int = column("Of NEW and EXTENDED ones, those not yet assessed as CONFORM; else 0.")


async def _counts(root: Gap, info: Info) -> list[ChangeCount]:
    met = sa.exists().where(
        ClauseAssessment.clause_id == ClauseMapping.to_clause_id,
        ClauseAssessment.organization_id == ClauseMapping.organization_id,
        ClauseAssessment.site_id.is_(None),
        ClauseAssessment.conformity == Conformity.CONFORM,
    )
    asks = sa.and_(ClauseMapping.change_kind.in_(_ASKING), sa.not_(met))
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
    """What moving from one edition to the next asks of you."""

    older: Standard = column("The edition that you leave.")
    newer: Standard = column("The edition that you move to.")
    counts: list[ChangeCount] = computed(
        _counts, "How many clauses share each fate.", most=len(ChangeKind)
    )
    changes: Connection[ClauseMappingType] = listing(
        clause_mappings,
        "What became of each clause; follow `toClause.assessment` to see how you stand.",
        within=lambda gap: gap.changes,
    )


async def _gap(
    info: Info,
    older_id: Annotated[strawberry.ID, strawberry.argument(description="The edition you leave.")],
    newer_id: Annotated[strawberry.ID, strawberry.argument(description="The one you move to.")],
) -> Any:
    standard_ids = (ids.decode("std", older_id, "olderId"), ids.decode("std", newer_id, "newerId"))
    older, newer = await asyncio.gather(*[_standard(info, id) for id in standard_ids])
    if older is None or newer is None:
        return None
    if older.family_code != newer.family_code:
        raise Invalid("These are standards of two families; name two editions of one.", "newerId")
    return Gap(older, newer)


async def _standard(info: Info, id: UUID) -> model.Standard | None:
    return await info.context.load(standard_by_id, id)


def transition_gap() -> Any:
    """The root field that compares two editions."""
    return strawberry.field(
        _gap,
        description="What changes for you between two editions of one family in your library.",
        extensions=[Requires(policy.READ)],
    )

"""Reading the trail, and proving that it is whole."""

from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from qgp.kit import ids
from qgp.kit.audit_verification import verify
from qgp.kit.errors import Invalid
from qgp.kit.gql import Connection, Info, Requires, listing
from qgp.kit.gql.fields import argument
from qgp.kit.visibility import NODES
from qgp.trail import loaders, model, policy
from qgp.trail.types import (
    PastRecord,
    TrailBreak,
    TrailEntry,
    TrailVerification,
)

MOST_ENTRIES = 100_000


async def _as_of(
    info: Info,
    record_id: Annotated[strawberry.ID, argument("Any record's `id`.")],
    at: Annotated[datetime, argument("The instant.")],
) -> PastRecord | None:
    prefix, id = ids.split(record_id, "recordId")
    loader = NODES.get(prefix)
    if loader is None or not info.context.caller.may(loader.read):
        return None
    row = await info.context.load(loader, id)
    if row is None:
        return None
    entry = model.TrailEntry
    of_row = (entry.kind == row.__tablename__, entry.record_id == id, entry.changed_at <= at)
    told = sa.select(entry).where(*of_row).order_by(entry.record_version)
    entries = await info.context.rows(told)
    return await PastRecord.of(info.context, row, entries) if entries else None


async def _verify(
    info: Info,
    from_: Annotated[
        int | None,
        strawberry.argument(name="from", description="Number of the first entry, from 1."),
    ] = 1,
    to: Annotated[
        int | None,
        argument(
            "Number of the last entry, at most 99,999 after the first. By default the entries are "
            "checked to the end of the trail, 100,000 at most."
        ),
    ] = UNSET,
) -> TrailVerification:
    first = 1 if from_ is None else from_
    last = first + MOST_ENTRIES - 1 if to is None or to is UNSET else to
    if first < 1:
        raise Invalid("Entries are numbered from 1.", "from")
    if not first <= last < first + MOST_ENTRIES:
        told = f"Check {MOST_ENTRIES} entries at the most, the first one first."
        raise Invalid(told, "to")
    context = info.context
    found = await verify(context.tuples, context.caller.organization_id, first, last)
    broken = found.first_broken
    return TrailVerification(
        is_intact=broken is None,
        checked=found.checked,
        last_sequence=found.head,
        first_broken=None if broken is None else TrailBreak.of(broken),
    )


_past_record: Any = strawberry.field(
    _as_of,
    description="A record as it stood at an instant; null before it was created, if it is gone, or "
    "hidden from you.",
    extensions=[Requires(policy.READ_HISTORY)],
)
_verification: Any = strawberry.field(
    _verify,
    description="Seal the trail's entries once more and compare; finds what was edited, deleted or "
    "inserted past the server. For owners, administrators and quality managers.",
    extensions=[Requires(policy.VERIFY)],
)


@strawberry.type
class Query:
    """Root reads."""

    trail: Connection[TrailEntry] | None = listing(
        loaders.trail,
        "Everything that was ever changed, first to last; for owners, administrators, quality "
        "managers and lead auditors. The `history` of one record is for all who see it.",
    )
    as_of: PastRecord | None = _past_record
    trail_verify: TrailVerification | None = _verification

"""Root fields that read the audit trail and verify its integrity."""

from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from qgp.kit import ids
from qgp.kit.audit_verification import verify
from qgp.kit.errors import Invalid
from qgp.kit.gql import Connection, Info, Requires, argument, listing
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
    record_id: Annotated[strawberry.ID, argument("`id` of any record.")],
    at: Annotated[datetime, argument("Instant of the requested state.")],
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
    statement = sa.select(entry).where(*of_row).order_by(entry.record_version)
    entries = await info.context.rows(statement)
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
            "Number of the last entry, at most 99,999 after the first. By default the last entry "
            "of the trail, or the 100,000th from the first if that is earlier."
        ),
    ] = UNSET,
) -> TrailVerification:
    first = 1 if from_ is None else from_
    last = first + MOST_ENTRIES - 1 if to is None or to is UNSET else to
    if first < 1:
        raise Invalid("Entries are numbered from 1. Choose 1 or more.", "from")
    if not first <= last < first + MOST_ENTRIES:
        message = (
            f"`to` is before `from`, or the range has more than {MOST_ENTRIES:,} entries. Choose a "
            f"number from {first} to {first + MOST_ENTRIES - 1}."
        )
        raise Invalid(message, "to")
    context = info.context
    result = await verify(context.tuples, context.caller.organization_id, first, last)
    broken = result.first_broken
    return TrailVerification(
        is_intact=broken is None,
        checked=result.checked,
        last_sequence=result.head,
        first_broken=None if broken is None else TrailBreak.of(broken),
    )


_past_record: Any = strawberry.field(
    _as_of,
    description="State of a record at an instant, reconstructed from the audit trail; null before "
    "its creation, if it is deleted, or if it is hidden from you.",
    extensions=[Requires(policy.READ_HISTORY)],
)
_verification: Any = strawberry.field(
    _verify,
    description="Verification of the audit trail's integrity: recomputes the hash chain and "
    "detects entries that were altered, deleted or inserted in the database (21 CFR 11.10 e). For "
    "owners, administrators and quality managers.",
    extensions=[Requires(policy.VERIFY)],
)


@strawberry.type
class Query:
    """Root reads."""

    trail: Connection[TrailEntry] | None = listing(
        loaders.trail,
        "Audit trail of the organization, oldest first. For owners, administrators, quality "
        "managers and lead auditors; the `history` of one record is for all who see the record.",
    )
    as_of: PastRecord | None = _past_record
    trail_verify: TrailVerification | None = _verification

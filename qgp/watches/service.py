"""Commands on watches: watch a record, end a watch, and end those of users who may not read."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from qgp.kit import clock, ids
from qgp.kit.model import Record
from qgp.kit.outbox import EventVerb
from qgp.kit.subjects import Subject, get_visible
from qgp.kit.work import Work
from qgp.watches.facts import RECORD
from qgp.watches.model import Watch


async def watch(work: Work, subject: Subject) -> Record:
    """Notify the caller of the changes of a record from now on; one that is watched stays so.

    Raises:
        NotFound: the record is missing, or hidden from the caller.
    """
    record = await get_visible(work, subject, "id")
    values = {
        "id": ids.uuid7(),
        "organization_id": work.caller.organization_id,
        "user_id": work.caller.user_id,
        "subject_type": subject.kind,
        "subject_id": subject.id,
        "created_at": clock.now(),
    }
    await work.session.execute(insert(Watch).values(values).on_conflict_do_nothing())
    return record


async def unwatch(work: Work, subject: Subject) -> Record:
    """End the caller's watch of a record, if there is one.

    Raises:
        NotFound: the record is missing, or hidden from the caller.
    """
    record = await get_visible(work, subject, "id")
    is_own = Watch.user_id == work.caller.user_id, Watch.subject_id == subject.id
    ended = await work.session.scalars(sa.delete(Watch).where(*is_own).returning(Watch.id))
    for id in ended:
        work.emit_internal(Watch, id, EventVerb.DELETED, **{RECORD: str(subject.id)})
    return record


async def end_unreadable(work: Work, ends: Collection[tuple[UUID, UUID]]) -> None:
    """Delete the watches of users who may not read the record any more.

    Args:
        ends: user and record of each.
    """
    if ends:
        is_one = sa.tuple_(Watch.user_id, Watch.subject_id).in_(ends)
        await work.session.execute(sa.delete(Watch).where(is_one))

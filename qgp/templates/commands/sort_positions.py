"""Sort positions with gaps, so that moving one section or question seldom renumbers the others."""

from collections.abc import Sequence
from uuid import UUID

from qgp.kit.errors import NotFound
from qgp.kit.work import Work
from qgp.templates.model import Question, Section

GAP = 1024
Placed = Section | Question


async def position_after(
    work: Work, others: Sequence[Placed], after_id: UUID | None, kind: str
) -> int:
    """Return a position after one of the others, or before all of them.

    If there is no gap left, all others get new positions.

    Args:
        work: the unit of work.
        others: the siblings in their order, without the moved one.
        after_id: the one to follow; None for the front.
        kind: noun for the messages.

    Raises:
        NotFound: `after_id` is none of them.
    """
    ids = [other.id for other in others]
    if after_id is not None and after_id not in ids:
        raise NotFound(
            f"No {kind} with this id to follow. afterId names another {kind} of the same list; "
            "send such an id, or leave it out.",
            "afterId",
        )
    place = 0 if after_id is None else ids.index(after_id) + 1
    if place == len(others):
        return others[-1].position + GAP if others else GAP
    low = others[place - 1].position if place else 0
    if others[place].position - low > 1:
        return (low + others[place].position) // 2
    for number, other in enumerate(others):
        other.position = (number + 1 + (number >= place)) * GAP
    await work.flush()
    return (place + 1) * GAP


def position_at_end(last: int | None) -> int:
    """Return a position after the last one, which is None in an empty list."""
    return GAP if last is None else last + GAP

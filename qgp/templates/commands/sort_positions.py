"""Places in a list that leave room: whatever moves, the others mostly stay as they are."""

from collections.abc import Sequence
from uuid import UUID

from qgp.kit.errors import NotFound
from qgp.kit.work import Work
from qgp.templates.model import Question, Section

GAP = 1024
Placed = Section | Question


async def behind(work: Work, others: Sequence[Placed], after_id: UUID | None, kind: str) -> int:
    """Return a position right behind one of the others, or before all of them.

    Where two neighbours leave no room, all others get new positions.

    Args:
        work: the unit of work.
        others: without the one that is placed, in their order.
        after_id: whose neighbour it becomes; None for the first place.
        kind: what the others are called.

    Raises:
        NotFound: the one to stand behind is none of them.
    """
    ids = [other.id for other in others]
    if after_id is not None and after_id not in ids:
        raise NotFound(f"No {kind} with this id is there to stand behind.", "afterId")
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


def at_end(last: int | None) -> int:
    """Return a position behind the last one; None where there is none."""
    return GAP if last is None else last + GAP

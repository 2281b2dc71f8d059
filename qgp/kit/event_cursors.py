"""Cursors of events: signed positions in the events of one organization."""

from qgp.kit.context import Context
from qgp.kit.listing import Key, Order
from qgp.kit.outbox import OutboxEvent
from qgp.kit.paging import PageBounds


def event_cursor(context: Context, position: int) -> str:
    """Return the cursor of a position."""
    return _order(context).cursor([position])


def position_of(context: Context, cursor: str | None) -> int | None:
    """Return the position of a cursor; None for none.

    Raises:
        Invalid: the text is no cursor.
        CursorMismatch: it was made for another organization, or for a list.
    """
    keys = _order(context).cursor_keys(PageBounds(1, cursor=cursor))
    return None if keys is None else int(keys[0])


def _order(context: Context) -> Order:
    purpose = {"list": "events", "organization": context.caller.organization_id}
    return Order.of([Key(OutboxEvent.__table__.c.position)], context.signing_key, **purpose)

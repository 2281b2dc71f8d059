"""Contract between the subscription fields of the schema and what sends their results."""

from collections.abc import Sequence
from typing import Any, Protocol


class Payload(Protocol):
    """Value of a subscription field for one event."""

    @property
    def cursor(self) -> str:
        """Opaque cursor of the event, for `after`."""


class EventBatch(Protocol):
    """Events that concern a subscription, as its source stream yields them.

    The rights are checked when they are shown, not when they are read.
    """

    async def payloads(self, context: Any) -> Sequence[Payload]:
        """Return the values for the events that the caller of the context may see now."""

"""Events of the outbox; only the kit writes them, with the changes that they report."""

from qgp.kit.outbox import OutboxEvent

__all__ = ["OutboxEvent"]

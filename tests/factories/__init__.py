"""One way to make each record: a row in a state, with all that the state needs, not yet written."""

from tests.factories.actions import action
from tests.factories.capas import capa
from tests.factories.findings import finding

__all__ = ["action", "capa", "finding"]

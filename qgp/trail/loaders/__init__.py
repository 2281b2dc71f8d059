"""Loaders of the audit trail, whole and by record."""

from qgp.kit.loader import Register
from qgp.trail.model import TrailEntry
from qgp.trail.policy import READ, READ_HISTORY

trail = Register(TrailEntry, READ, ("sequence",))
history = Register(TrailEntry, READ_HISTORY, ("sequence",))

"""The trail, whole and of one record, as lists."""

from qgp.kit.loader import Register
from qgp.trail.model import TrailEntry
from qgp.trail.policy import READ, READ_HISTORY

trail = Register(TrailEntry, READ, ("sequence",))
history = Register(TrailEntry, READ_HISTORY, ("sequence",))

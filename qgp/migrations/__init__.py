"""The migrations: where they are, one runner at a time, and whether code and database fit."""

from qgp.migrations.applied import note
from qgp.migrations.compatibility import Compatibility
from qgp.migrations.lock import exclusive
from qgp.migrations.scripts import config

__all__ = ["Compatibility", "config", "exclusive", "note"]

"""Migrations: scripts, the lock of the runner, applied revisions and compatibility."""

from qgp.migrations.applied import note
from qgp.migrations.compatibility import Compatibility
from qgp.migrations.lock import MigrationLockError, exclusive
from qgp.migrations.scripts import config

__all__ = ["Compatibility", "MigrationLockError", "config", "exclusive", "note"]

"""Backups: a drill that dumps the database, restores it elsewhere and compares the two."""

from qgp.backup.drill import Drill, Outcome
from qgp.backup.programs import BackupFailed, Programs

__all__ = ["BackupFailed", "Drill", "Outcome", "Programs"]

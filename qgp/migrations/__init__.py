"""The migrations: where they are, how one runner at a time applies them."""

from qgp.migrations.lock import exclusive
from qgp.migrations.scripts import config, heads

__all__ = ["config", "exclusive", "heads"]

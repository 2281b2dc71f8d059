"""Embedded PostgreSQL for `make run`, the command line and the tests; never in production."""

from qgp.embedded.creation import creating_cluster
from qgp.embedded.errors import EmbeddedError, InUse
from qgp.embedded.home import default_data_dir
from qgp.embedded.join import join, reset, temporary
from qgp.embedded.server import Server
from qgp.embedded.terminal import alone_at_terminal

__all__ = [
    "EmbeddedError",
    "InUse",
    "Server",
    "alone_at_terminal",
    "creating_cluster",
    "default_data_dir",
    "join",
    "reset",
    "temporary",
]

"""A private PostgreSQL for `make run`, the command line and the tests; never in production."""

from qgp.embedded.errors import EmbeddedError, InUse
from qgp.embedded.home import default_data_dir
from qgp.embedded.join import join, reset, temporary
from qgp.embedded.server import Server

__all__ = ["EmbeddedError", "InUse", "Server", "default_data_dir", "join", "reset", "temporary"]

"""`qgp serve` without the fast path: every request becomes an ASGI call."""

from qgp.cli import app
from qgp.http import server
from qgp.http.connection_limits import LimitedProtocol

if __name__ == "__main__":
    server.FastPathProtocol = LimitedProtocol  # type: ignore[attr-defined,assignment]  # for comparison
    app(["serve"])

"""`qgp serve` without the fast path: every request becomes an ASGI call."""

from qgp.cli import app
from qgp.http import server
from qgp.http.connection_limits import LimitedProtocol

if __name__ == "__main__":
    server.DoorwayProtocol = LimitedProtocol  # type: ignore[misc,assignment]  # for comparison
    app(["serve"])

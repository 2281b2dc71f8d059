"""Let a third-party suite judge the real server, with queries by GET and, as by default, without.

Needs node; `make conformance` sees to that.
"""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from alembic import command

from qgp import migrations
from qgp.embedded.join import temporary

HERE = Path(__file__).parent
SERVE = """
from qgp.http.server import serve
raise SystemExit(serve("qgp.app:create_app", host="127.0.0.1", port={port}))
"""


def main() -> int:
    """Judge both modes; 0 only if nothing failed."""
    with temporary() as database:
        os.environ["DATABASE_URL"] = database.url()
        command.upgrade(migrations.config(), "head")
        return max(_judge({"GRAPHQL_GET": "true"}), _judge({"GRAPHQL_GET": "false"}))


def _judge(environment: Mapping[str, str]) -> int:
    sys.stdout.write(f"\n{' '.join('='.join(pair) for pair in environment.items())}\n")
    sys.stdout.flush()
    with _server(environment) as url:
        script = ["node", "graphql_over_http.mjs", f"{url}/graphql"]
        return subprocess.run(script, cwd=HERE, check=False).returncode


@contextmanager
def _server(environment: Mapping[str, str]) -> Iterator[str]:
    """Serve on a free port until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    keys = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "JWT_SECRET_KEY")}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE.format(port=port)],
        env={**os.environ, **keys, **environment, "LOG_LEVEL": "WARNING"},
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/readyz", timeout=2).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server was not ready within 30 s")


if __name__ == "__main__":
    sys.exit(main())

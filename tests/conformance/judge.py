"""Let third-party suites judge the real server, with default settings and with production's.

Needs node; `make conformance` sees to that.
"""

import json
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
from qgp.demo import PASSWORD
from qgp.embedded.join import temporary
from tests.conformance.graphql_cop import FINDINGS, findings, send

HERE = Path(__file__).parent
EMAIL = "owner@demo.example"
LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }"
PRODUCTION = {"INTROSPECTION": "false", "IDE": "false"}
SERVE = """
from qgp.http.server import serve
raise SystemExit(serve("qgp.app:create_app", host="127.0.0.1", port={port}))
"""


def main() -> int:
    """Judge the server; 0 only if nothing failed."""
    with temporary() as database:
        names = ("SECRET_KEY", "JWT_SECRET_KEY")
        os.environ |= {name: secrets.token_urlsafe(48) for name in names}
        os.environ["DATABASE_URL"] = database.url()
        command.upgrade(migrations.config(), "head")
        qgp = str(Path(sys.executable).with_name("qgp"))
        subprocess.run([qgp, "seed", "demo", "--bare"], check=True, stdout=subprocess.DEVNULL)
        with _server({}) as url:
            failed = [
                _node(script, url)
                for script in ("graphql_over_http.mjs", "clients.mjs", "live_clients.mjs")
            ]
        with _server(PRODUCTION) as url:
            failed.append(_without_findings(url))
        return max(failed)


def _node(script: str, url: str) -> int:
    token = _sign_in(url)
    return subprocess.run(["node", script, url, token], cwd=HERE, check=False).returncode


def _sign_in(url: str) -> str:
    values = {"input": {"email": EMAIL, "password": PASSWORD}}
    answer = send(url, json.dumps({"query": LOGIN, "variables": values}).encode())
    token: str = answer.data["login"]["accessToken"]
    return token


def _without_findings(url: str) -> int:
    findings_of_server = findings(url)
    for name in FINDINGS:
        sys.stdout.write(
            f"{'failed' if name in findings_of_server else 'ok':8} graphql-cop: {name}\n"
        )
    return 1 if findings_of_server else 0


@contextmanager
def _server(environment: Mapping[str, str]) -> Iterator[str]:
    """Serve on a free port until the block ends; the address of GraphQL is yielded."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE.format(port=port)],
        env={**os.environ, **environment, "LOG_LEVEL": "WARNING"},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://127.0.0.1:{port}/readyz")
        sys.stdout.flush()
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        process.terminate()
        process.wait(20)


def _wait(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server was not ready within 30 s")


if __name__ == "__main__":
    sys.exit(main())

"""Versions of all servers and libraries, and the machine."""

import json
import platform
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.database import Stage

_PEERS = Path(__file__).parent / "peers"
_NODE: tuple[str, ...] = (
    "mercurius",
    "fastify",
    "graphql-jit",
    "postgraphile",
    "graphql-yoga",
    "@apollo/server",
)
_NODE += ("dataloader", "pg", "graphql")
_PYTHON: tuple[str, ...] = (
    "fastapi",
    "strawberry_graphql",
    "ariadne",
    "graphql_core",
    "sqlalchemy",
    "asyncpg",
)
_PYTHON += ("uvicorn", "uvloop")


def versions(stage: Stage) -> Mapping[str, str]:
    """Return what each part calls itself."""
    versions_by_name = {
        "PostgreSQL": stage.ask("SHOW server_version")[0],
        "Python": platform.python_version(),
        "Node": _output_of(str(_PEERS / ".venv/bin/node"), "--version").lstrip("v"),
        "wrk": _first_group(r"wrk \S*?(\d[\w.]*)", _output_of("wrk", "--version")),
    }
    lock = json.loads((_PEERS / "package-lock.json").read_text())["packages"]
    versions_by_name |= {name: lock[f"node_modules/{name}"]["version"] for name in _NODE}
    for name in _PYTHON:
        folder = next((_PEERS / ".venv/lib").glob(f"*/site-packages/{name}-*.dist-info"), None)
        if folder:
            versions_by_name[name.replace("_", "-")] = folder.name.split("-")[1].removesuffix(
                ".dist"
            )
    return versions_by_name


def machine() -> Mapping[str, Any]:
    """Return what everything ran on."""
    info = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024**2
    return {
        "processor": models[0] if models else platform.machine(),
        "processors": len(models),
        "gigabytes": memory,
        "system": platform.platform(),
    }


def _output_of(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()


def _first_group(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else "unknown"

"""The previous release's own tests, on a database with this release's migrations."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from qgp.embedded import temporary
from tests.rolling.release import THIS, unpack
from tests.servers import downgrade

# Those that judge the catalogue, the schema's file or the machine rather than what is served.
LEFT_OUT = (
    "kit",
    "migrations",
    "embedded",
    "conformance",
    "rolling",
    "test_cli_dev.py",
    "test_schema.py",
)
TEMPLATE = "template_qgp"


def main() -> int:
    """Run them with pytest's arguments and return its exit code."""
    with tempfile.TemporaryDirectory(prefix="qgp-previous-") as name, temporary() as server:
        release = unpack(Path(name))
        server.create_database(TEMPLATE)
        THIS.qgp(server.url(TEMPLATE), "migrate")
        if (revision := release.way_back()) is not None:
            print(f"Beyond {revision} stands a floor: the tests run on {revision}, gone back to.")
            downgrade(server.url(TEMPLATE), revision)
        chosen = sys.argv[1:] or [
            str(path.relative_to(release.folder))
            for path in sorted((release.folder / "tests").iterdir())
            if path.name not in LEFT_OUT
            and (path.is_dir() or path.name.startswith("test_"))
            and not path.name.startswith("__")
        ]
        search = os.pathsep.join([str(release.folder), str(Path(__file__).parent)])
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "migrated_server", *chosen],
            cwd=release.folder,
            env={
                **os.environ,
                "PYTHONPATH": search,
                "QGP_TEST_SERVER": server.url("postgres"),
            },
            check=False,
        ).returncode


if __name__ == "__main__":
    sys.exit(main())

"""The files of deploy/ name settings, commands and metrics that exist."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from qgp.cli import app
from qgp.settings import Settings

DEPLOY = Path("deploy")


def texts(*patterns: str) -> Iterator[tuple[Path, str]]:
    for pattern in patterns:
        for path in sorted(DEPLOY.glob(pattern)):
            yield path, path.read_text()


def test_every_setting_that_is_named_exists() -> None:
    settings = {name.upper() for name in Settings.model_fields}
    for path, text in texts("systemd/*", "kubernetes/*", "nginx/*"):
        names = re.findall(r"(?:Environment=|name: )([A-Z][A-Z0-9_]+)\b", text)
        assert set(names) <= settings, path


def test_every_command_that_is_named_exists() -> None:
    tree = get_command(app)
    named = 0
    for path, text in texts("systemd/*", "kubernetes/*"):
        for line in re.findall(r"\bqgp ([a-z-]+(?: [a-z]+)?)(?= --|\s*$)", text, re.MULTILINE):
            command = tree
            for word in line.split():
                commands = getattr(command, "commands", {})
                assert word in commands, f"{path}: qgp {line}"
                command = commands[word]
                named += 1
    assert named > 1


def test_the_rules_for_alerts_hold() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool (Debian package prometheus) is not here")
    for arguments in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]):
        done = subprocess.run(
            [promtool, *arguments], cwd=DEPLOY / "prometheus", capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout

"""docs/operations.md names every setting, and no other."""

import re
from dataclasses import fields
from pathlib import Path

from qgp.http.limits import Limits
from qgp.settings import Settings

OPERATIONS = Path(__file__).parent.parent / "docs" / "operations.md"


def documented() -> list[str]:
    """Return the variables in the first column of the tables beneath "Settings"."""
    text = OPERATIONS.read_text().partition("\n## Settings\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row)]


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    limits = {f"LIMITS__{field.name}".upper() for field in fields(Limits)}
    settings = {name.upper() for name in Settings.model_fields}
    assert set(documented()) == settings | limits


def test_no_setting_is_documented_twice() -> None:
    names = documented()
    assert len(names) == len(set(names))

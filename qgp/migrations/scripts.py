"""Migration scripts: their folder, and the order of their revisions."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config

_PACKAGE = Path(__file__).parents[1]
_REVISION = re.compile(r'^(revision|down_revision) = (?:"(\w+)"|None)$', re.MULTILINE)


def config() -> "Config":
    """Return alembic's configuration."""
    from alembic.config import Config  # noqa: PLC0415 - only a process that migrates needs alembic

    configuration = Config()
    configuration.set_main_option("script_location", str(_folder()).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def revisions() -> Mapping[str, str | None]:
    """Return each revision of the code with the one before it, None for the first.

    They are read from the text of the scripts: alembic alone takes a tenth of a second to load.
    """
    texts = (script.read_text("utf-8") for script in (_folder() / "versions").glob("*.py"))
    declared = (dict(_REVISION.findall(text)) for text in texts)
    return {each["revision"]: each["down_revision"] or None for each in declared}


def _folder() -> Path:
    """Return the folder beside us in a checkout, else the wheel's."""
    places = (_PACKAGE.parent / "alembic", _PACKAGE / "alembic")
    return next(place for place in places if (place / "env.py").exists())

"""Location of the migration scripts."""

from pathlib import Path

from alembic.config import Config

_PACKAGE = Path(__file__).parents[1]


def config() -> Config:
    """Return alembic's configuration; in a checkout the folder beside us, else the wheel's."""
    places = (_PACKAGE.parent / "alembic", _PACKAGE / "alembic")
    folder = next(place for place in places if (place / "env.py").exists())
    configuration = Config()
    configuration.set_main_option("script_location", str(folder).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration

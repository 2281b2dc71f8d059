"""What the environment says, read once, frozen; refuses what production must not have."""

from qgp.settings.database import Database
from qgp.settings.errors import ConfigurationError, Problem
from qgp.settings.fields import Algorithm, Environment, LogLevel, Settings
from qgp.settings.loading import read, settings
from qgp.settings.secrets import keep_secrets, key_id

__all__ = [
    "Algorithm",
    "ConfigurationError",
    "Database",
    "Environment",
    "LogLevel",
    "Problem",
    "Settings",
    "keep_secrets",
    "key_id",
    "read",
    "settings",
]

"""Settings: environment variables, read once and validated, with stricter rules in production."""

from qgp.settings.database import Database
from qgp.settings.errors import ConfigurationError, Problem
from qgp.settings.fields import Algorithm, Environment, LogLevel, Settings, WorkerPlace
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
    "WorkerPlace",
    "keep_secrets",
    "key_id",
    "read",
    "settings",
]

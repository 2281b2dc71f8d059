"""Loading of the settings from the environment, with all configuration errors at once."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError

from qgp.settings.database import Database
from qgp.settings.errors import ConfigurationError, Problem
from qgp.settings.fields import Settings
from qgp.settings.mail import mail_problems
from qgp.settings.secrets import MINIMUM_BYTES, weakness

GENERATE = "python -c 'import secrets; print(secrets.token_urlsafe({}))'"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process, read at the first call.

    Raises:
        ConfigurationError: a setting is invalid.
    """
    return read()


def read() -> Settings:
    """Load the settings from the environment now.

    Raises:
        ConfigurationError: a value is invalid, or not allowed in production.
    """
    try:
        loaded = Settings()
    except SettingsError:
        problem = Problem("LIMITS", "set each limit alone, for example LIMITS__DEPTH=12.")
        raise ConfigurationError([problem]) from None
    except ValidationError as failure:
        problems = chain(
            _validation_problems(failure), _rule_problems(Settings(**_without(failure)))
        )
        raise ConfigurationError(_first_of_each(problems)) from None
    if refused := _first_of_each(_rule_problems(loaded)):
        raise ConfigurationError(refused)
    return loaded


def _validation_problems(failure: ValidationError) -> Iterator[Problem]:
    for error in _errors(failure):
        setting = "__".join(str(part) for part in error["loc"]).upper()
        yield Problem(setting, error["msg"].removeprefix("Value error, ") + ".")


def _without(failure: ValidationError) -> dict[str, Any]:
    """Return defaults for the invalid settings, so that the others can still be checked."""
    names = {str(error["loc"][0]) for error in _errors(failure)}
    return {
        name: Settings.model_fields[name].get_default(call_default_factory=True, validated_data={})
        for name in names
    }


def _errors(failure: ValidationError) -> list[ErrorDetails]:
    """Return the errors without those of defaults that depend on an invalid setting."""
    errors = failure.errors(include_url=False, include_context=False, include_input=False)
    return [error for error in errors if error["type"] != "default_factory_not_called"]


def _first_of_each(problems: Iterable[Problem]) -> list[Problem]:
    first: dict[str, Problem] = {}
    for problem in problems:
        first.setdefault(problem.setting, problem)
    return list(first.values())


def _rule_problems(settings: Settings) -> Iterator[Problem]:
    yield from _short_keys(settings)
    if settings.database_migration_url is not None and settings.database_url is None:
        yield Problem("DATABASE_MIGRATION_URL", "needs DATABASE_URL beside it.")
    yield from _incomplete_bucket(settings)
    yield from mail_problems(settings, is_production=settings.is_production)
    if settings.is_production:
        yield from _weak_keys(settings)
        yield from _production_database(settings)
        yield from _production_origins(settings)
    else:
        yield from _missing_environment(settings)


def _short_keys(settings: Settings) -> Iterator[Problem]:
    """Yield the keys that are shorter than their algorithm's digest, in any environment."""
    least = MINIMUM_BYTES[settings.jwt_algorithm]
    ask = f"needs {least} bytes for {settings.jwt_algorithm}; make one: {GENERATE.format(least)}"
    for name, keys in _signing(settings).items():
        if any(len(key.get_secret_value().encode()) < least for key in keys):
            yield Problem(name, ask)


def _incomplete_bucket(settings: Settings) -> Iterator[Problem]:
    """Yield the missing or conflicting settings of a bucket for files."""
    if settings.qgp_s3_bucket is None:
        return
    for name in ("qgp_s3_access_key_id", "qgp_s3_secret_access_key"):
        if getattr(settings, name) is None:
            yield Problem(name.upper(), "is required beside QGP_S3_BUCKET.")
    if settings.qgp_files_dir is not None:
        yield Problem("QGP_FILES_DIR", "has no use beside QGP_S3_BUCKET; set one of them.")


def _missing_environment(settings: Settings) -> Iterator[Problem]:
    """Require APP_ENV beside the database of another machine, which may be production's."""
    if "app_env" in settings.model_fields_set:
        return
    for name, url in _addresses(settings).items():
        if Database.parse(url).is_remote:
            yield Problem(
                "APP_ENV",
                f"is required beside a {name} of another machine; set APP_ENV=production, or "
                "APP_ENV=development for a database whose data may be lost.",
            )


def _addresses(settings: Settings) -> dict[str, str]:
    """Return the addresses of the database that are set, by setting."""
    urls = {
        "DATABASE_URL": settings.database_url,
        "DATABASE_MIGRATION_URL": settings.database_migration_url,
    }
    return {name: url.get_secret_value() for name, url in urls.items() if url is not None}


def _production_origins(settings: Settings) -> Iterator[Problem]:
    if "*" in settings.cors_origins:
        yield Problem("CORS_ORIGINS", "must not be *; list the origins of your frontends.")
    elif not all(origin.startswith("https://") for origin in settings.cors_origins):
        yield Problem("CORS_ORIGINS", "must be https:// alone in production.")
    if settings.public_url and not settings.public_url.startswith("https://"):
        yield Problem("PUBLIC_URL", "must begin with https:// in production.")


def _signing(settings: Settings) -> dict[str, tuple[SecretStr, ...]]:
    present = settings.jwt_secret_key
    return {
        "JWT_SECRET_KEY": (present,) if present else (),
        "JWT_PREVIOUS_KEYS": settings.jwt_previous_keys,
    }


def _weak_keys(settings: Settings) -> Iterator[Problem]:
    make = f"; make one: {GENERATE.format(MINIMUM_BYTES[settings.jwt_algorithm])}"
    keys = {
        "SECRET_KEY": (settings.secret_key,) if settings.secret_key else (),
        **_signing(settings),
    }
    for name, values in keys.items():
        if not values and name != "JWT_PREVIOUS_KEYS":
            yield Problem(name, "is required in production" + make)
        for value in values:
            if why := weakness(value.get_secret_value()):
                yield Problem(name, why + make)
    texts = [value.get_secret_value() for values in keys.values() for value in values]
    if len(set(texts)) < len(texts):
        yield Problem("JWT_SECRET_KEY", "must differ from SECRET_KEY and from former keys" + make)


def _production_database(settings: Settings) -> Iterator[Problem]:
    if settings.database_url is None:
        yield Problem("DATABASE_URL", "is required in production.")
    for name, url in _addresses(settings).items():
        if Database.parse(url).is_local:
            yield Problem(name, "points at this machine; name the production database host.")
    if settings.database_echo:
        yield Problem("DATABASE_ECHO", "must be false: statements would be logged with values.")

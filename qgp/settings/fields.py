"""Settings: fields, defaults and validation; a name in upper case is the environment variable."""

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, NonNegativeInt, PositiveInt, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from qgp.http.access_log import LoggedClient
from qgp.http.cors_headers import REQUEST_HEADERS
from qgp.http.limits import Limits
from qgp.settings.database import Database
from qgp.settings.errors import ConfigurationError, Problem
from qgp.settings.mail import MailSettings
from qgp.settings.secrets import key_id


class Environment(StrEnum):
    """Purpose of the process."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class Algorithm(StrEnum):
    """Signature algorithm of access tokens."""

    HS256 = "HS256"
    HS384 = "HS384"
    HS512 = "HS512"


class LogLevel(StrEnum):
    """Least severe level that is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


class WorkerPlace(StrEnum):
    """Process that executes background work."""

    EMBEDDED = "embedded"
    SEPARATE = "separate"


def _listed(value: Any) -> Any:
    """Split a comma-separated list, or parse a JSON list."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def _outside_production(validated: dict[str, Any]) -> bool:
    return validated.get("app_env") is not Environment.PRODUCTION


def _frontends(validated: dict[str, Any]) -> tuple[str, ...]:
    return ("http://localhost:3000",) if _outside_production(validated) else ()


def _drain(validated: dict[str, Any]) -> int:
    return 0 if _outside_production(validated) else 2


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


_ADDRESS = re.compile(r"https?://[A-Za-z0-9._-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*/?")
_ORIGIN = re.compile(r"https?://[^/?#@*\s]+")
_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")  # RFC 9110, 5.1


class Settings(MailSettings):
    """Validated settings of one process; `settings()` reads them from the environment."""

    model_config = SettingsConfigDict(
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
        env_nested_delimiter="__",
        extra="ignore",
    )

    app_env: Environment = Environment.DEVELOPMENT
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    qgp_data_dir: Path | None = None
    log_level: Annotated[LogLevel, BeforeValidator(_upper)] = LogLevel.INFO

    secret_key: SecretStr | None = None
    jwt_secret_key: SecretStr | None = None
    jwt_previous_keys: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_listed)] = ()
    jwt_algorithm: Algorithm = Algorithm.HS256
    jwt_access_token_expire_minutes: PositiveInt = 30
    jwt_refresh_token_expire_days: PositiveInt = 7
    refresh_grace_seconds: int = Field(10, ge=0, le=60)
    security_log_days: int = Field(400, ge=30, le=3650)
    outbox_days: int = Field(30, ge=1, le=365)
    worker: WorkerPlace = WorkerPlace.EMBEDDED

    database_url: SecretStr | None = None
    database_migration_url: SecretStr | None = None
    database_direct_url: SecretStr | None = None
    database_pgbouncer: bool = False
    migration_wait_seconds: PositiveInt | None = None
    database_echo: bool = False
    database_start_seconds: PositiveInt = 60
    log_client: LoggedClient = LoggedClient.NETWORK
    pool_size: PositiveInt = 10
    pool_overflow: NonNegativeInt = 5
    pool_wait_seconds: PositiveInt = 3
    statement_timeout_ms: PositiveInt = 5_000
    lock_timeout_ms: PositiveInt = 2_000
    idle_in_transaction_timeout_ms: PositiveInt = 10_000

    qgp_files_dir: Path | None = None
    qgp_max_upload_bytes: int = Field(25 * 1024 * 1024, gt=0, lt=2**31)
    qgp_s3_bucket: str | None = None
    qgp_s3_region: str = "us-east-1"
    qgp_s3_endpoint: str | None = None
    qgp_s3_access_key_id: SecretStr | None = None
    qgp_s3_secret_access_key: SecretStr | None = None

    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default_factory=_frontends
    )
    cors_headers: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = REQUEST_HEADERS
    public_url: str | None = None
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = ()
    max_in_flight: PositiveInt = 100
    max_in_flight_per_user: PositiveInt = 64
    max_in_flight_per_address: PositiveInt = 80
    max_waiting: PositiveInt = 400
    max_waiting_per_user: PositiveInt = 100
    max_waiting_seconds: PositiveInt = 5
    heavy_cost: PositiveInt = 1_000
    header_seconds: PositiveInt = 10
    idle_seconds: PositiveInt = 5
    drain_seconds: int = Field(default_factory=_drain, ge=0, le=60)
    stop_seconds: PositiveInt = 7
    limits: Limits = Limits()
    graphql_get: bool = True
    apq: bool = True
    metrics_token: SecretStr | None = None
    planned_reads: bool = True
    planned_connections: PositiveInt = 4
    planned_batch_size: PositiveInt = 64
    shadow_one_in: NonNegativeInt = 0
    introspection: bool = Field(default_factory=_outside_production)
    ide: bool = Field(default_factory=_outside_production)

    @field_validator("app_env", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        bare = tuple(origin.rstrip("/") for origin in origins)
        if any(origin != "*" and not _ORIGIN.fullmatch(origin) for origin in bare):
            raise ValueError("write origins as https://app.example.com, with commas between")
        return bare

    @field_validator("cors_headers")
    @classmethod
    def _are_field_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        lower = tuple(name.lower() for name in names)
        if not all(map(_FIELD_NAME.fullmatch, lower)):
            raise ValueError("write names of headers as traceparent,x-tenant, with commas between")
        return lower

    @field_validator("public_url", "app_url")
    @classmethod
    def _is_an_address(cls, address: str | None) -> str | None:
        if address is None or not address.strip():
            return None
        if not _ADDRESS.fullmatch(address):
            raise ValueError("write the address as https://qgp.example.com, without a query")
        return address.rstrip("/")

    @field_validator("qgp_s3_endpoint")
    @classmethod
    def _is_an_origin(cls, endpoint: str | None) -> str | None:
        if endpoint is not None and not _ORIGIN.fullmatch(endpoint.rstrip("/")):
            raise ValueError("write the address as https://s3.example.com, without the bucket")
        return endpoint and endpoint.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(ipaddress.ip_network(proxy)) for proxy in proxies)
        except ValueError:
            message = "write addresses or networks as 10.0.0.7 or 10.0.0.0/24, with commas between"
            raise ValueError(message) from None

    @field_validator("limits", mode="before")
    @classmethod
    def _are_known(cls, value: Any) -> Any:
        if isinstance(value, dict) and (odd := value.keys() - asdict(Limits()).keys()):
            raise ValueError(f"there is no limit of the name {', '.join(sorted(odd)).upper()}")
        return value

    @field_validator("limits")
    @classmethod
    def _are_positive(cls, limits: Limits) -> Limits:
        if wrong := [name for name, number in asdict(limits).items() if number <= 0]:
            raise ValueError(f"must be greater than 0: {', '.join(wrong).upper()}")
        return limits

    @field_validator("database_url", "database_migration_url", "database_direct_url")
    @classmethod
    def _is_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            Database.parse(url.get_secret_value())
        return url

    @property
    def is_production(self) -> bool:
        """Whether the rules for production hold."""
        return self.app_env is Environment.PRODUCTION

    @property
    def database(self) -> Database:
        """Address of the database.

        Raises:
            ConfigurationError: DATABASE_URL is not set.
        """
        url = _required("DATABASE_URL", self.database_url)
        return Database.parse(url, pgbouncer=self.database_pgbouncer)

    @property
    def migration_database(self) -> Database:
        """Address of the database for the user who migrates it, the owner of its tables.

        Raises:
            ConfigurationError: DATABASE_URL is not set.
        """
        if self.database_migration_url is None:
            return self.database
        url = self.database_migration_url.get_secret_value()
        return Database.parse(url, pgbouncer=self.database_pgbouncer)

    @property
    def direct_database(self) -> Database | None:
        """Address of the database past a pooler; None if only the pooler's is known.

        Raises:
            ConfigurationError: DATABASE_URL is not set.
        """
        if self.database_direct_url is not None:
            return Database.parse(self.database_direct_url.get_secret_value())
        return None if self.database_pgbouncer else self.database

    @property
    def secret(self) -> str:
        """SECRET_KEY, from which the keys of all purposes but tokens are derived.

        Raises:
            ConfigurationError: SECRET_KEY is not set.
        """
        return _required("SECRET_KEY", self.secret_key)

    @property
    def jwt_keys(self) -> Mapping[str, str]:
        """Keys by `kid`: the first one signs, all of them verify.

        Raises:
            ConfigurationError: JWT_SECRET_KEY is not set.
        """
        present = _required("JWT_SECRET_KEY", self.jwt_secret_key)
        former = (key.get_secret_value() for key in self.jwt_previous_keys)
        return {key_id(key): key for key in (present, *former)}


def _required(name: str, value: SecretStr | None) -> str:
    if value is None:
        raise ConfigurationError([Problem(name, "is not set.")])
    return value.get_secret_value()

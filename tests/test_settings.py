import os
import secrets
import stat
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from qgp.files.config import Files
from qgp.files.disk import Disk
from qgp.files.s3 import S3
from qgp.http.limits import Limits
from qgp.settings import (
    Algorithm,
    ConfigurationError,
    Database,
    Environment,
    LogLevel,
    Settings,
    keep_secrets,
    key_id,
    read,
)
from qgp.settings.secrets import weakness

REMOTE = "postgresql+asyncpg://user:pa55word@prod-db-host:5432/quality_governance_prod"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with none of our variables set."""
    ours = {name.upper() for name in Settings.model_fields}
    for name in list(os.environ):
        if name.split("__")[0].upper() in ours:
            monkeypatch.delenv(name)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The runbook's own example, with keys made as it says."""
    values = {
        "APP_ENV": "production",
        "DATABASE_URL": REMOTE,
        "SECRET_KEY": secrets.token_urlsafe(32),
        "JWT_SECRET_KEY": secrets.token_urlsafe(32),
        "JWT_ALGORITHM": "HS256",
        "JWT_ACCESS_TOKEN_EXPIRE_MINUTES": "30",
        "JWT_REFRESH_TOKEN_EXPIRE_DAYS": "7",
        "LOG_LEVEL": "INFO",
        "CORS_ORIGINS": "https://app.example.com,https://admin.example.com",
        "DATABASE_ECHO": "false",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def refused() -> dict[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        read()
    return {problem.setting: problem.remedy for problem in caught.value.problems}


def test_the_defaults_are_those_of_the_runbook() -> None:
    settings = read()
    assert settings.app_env is Environment.DEVELOPMENT
    assert (settings.database_url, settings.secret_key, settings.jwt_secret_key) == (
        None,
        None,
        None,
    )
    assert settings.jwt_algorithm is Algorithm.HS256
    assert settings.jwt_access_token_expire_minutes == 30
    assert settings.jwt_refresh_token_expire_days == 7
    assert settings.log_level is LogLevel.INFO
    assert settings.cors_origins == ("http://localhost:3000",)
    assert settings.database_echo is False


def test_the_production_file_of_the_runbook_is_accepted(production: pytest.MonkeyPatch) -> None:
    settings = read()
    assert settings.is_production
    assert settings.cors_origins == ("https://app.example.com", "https://admin.example.com")
    assert (settings.introspection, settings.ide, settings.drain_seconds) == (False, False, 2)


def test_development_shows_the_ide_and_stops_at_once() -> None:
    settings = read()
    assert (settings.introspection, settings.ide, settings.drain_seconds) == (True, True, 0)


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example,https://b.example",
        " https://a.example/ , https://b.example ",
        '["https://a.example", "https://b.example"]',
    ],
)
def test_origins_are_a_comma_list_or_a_json_list(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("CORS_ORIGINS", text)
    assert read().cors_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize("unset", [None, ""])
def test_production_has_no_origins_unless_they_are_named(
    production: pytest.MonkeyPatch, unset: str | None
) -> None:
    production.delenv("CORS_ORIGINS") if unset is None else production.setenv("CORS_ORIGINS", "")
    assert read().cors_origins == ()


@pytest.mark.parametrize(
    "text",
    [
        "http://app.example.com",
        "https://app.example.com,http://admin.example.com",
        '["http://localhost:3000"]',
        "*",
        "https://app.example.com,*",
    ],
)
def test_production_refuses_origins_that_are_not_https(
    production: pytest.MonkeyPatch, text: str
) -> None:
    production.setenv("CORS_ORIGINS", text)
    assert refused().keys() == {"CORS_ORIGINS"}
    production.setenv("APP_ENV", "development")
    assert len(read().cors_origins) == text.count(",") + 1


REMOTE_ADDRESSES = [
    REMOTE,
    "postgres://u:p@10.0.0.5/db",
    "postgresql://u:p@postgres/db",
    "postgresql://u:p@/db?host=prod:5432&host=localhost:5432",
    "postgresql://u:p@[2001:db8::1]/db?sslmode=require",
]


@pytest.mark.parametrize("address", REMOTE_ADDRESSES)
@pytest.mark.parametrize("unset", [None, ""])
def test_another_machines_database_is_refused_until_app_env_says_what_it_is_for(
    monkeypatch: pytest.MonkeyPatch, address: str, unset: str | None
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    if unset is not None:
        monkeypatch.setenv("APP_ENV", unset)
    problems = refused()
    assert problems.keys() == {"APP_ENV"}
    assert "set APP_ENV=production" in problems["APP_ENV"]
    for environment in ("development", "test"):
        monkeypatch.setenv("APP_ENV", environment)
        assert read().app_env == environment


def test_migrations_may_have_an_address_of_their_own(production: pytest.MonkeyPatch) -> None:
    assert read().migration_database == read().database
    owner = "postgresql://owner@prod-db-host/quality?sslmode=require"
    production.setenv("DATABASE_MIGRATION_URL", owner)
    settings = read()
    assert (settings.migration_database.url.username, settings.database.url.username) == (
        "owner",
        "user",
    )
    for unfit in ("postgresql://u:PRIVATE@localhost/db", "mysql://u:PRIVATE@prod/db"):
        production.setenv("DATABASE_MIGRATION_URL", unfit)
        assert refused().keys() == {"DATABASE_MIGRATION_URL"}
        assert "PRIVATE" not in str(refused())


def test_an_address_for_migrations_alone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_MIGRATION_URL", "postgresql:///db")
    assert refused().keys() == {"DATABASE_MIGRATION_URL"}
    monkeypatch.setenv("DATABASE_URL", "postgresql:///db")
    monkeypatch.setenv("DATABASE_MIGRATION_URL", REMOTE)
    assert refused().keys() == {"APP_ENV"}


@pytest.mark.parametrize(
    "address", ["postgresql://u:p@localhost/db", "postgresql:///db", "postgresql:///db?host=/run"]
)
def test_this_machines_database_needs_no_app_env(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    assert read().app_env is Environment.DEVELOPMENT


@pytest.mark.parametrize("text", ["app.example.com", "https://*.example.com", '["https://a'])
def test_what_is_no_origin_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("CORS_ORIGINS", text)
    assert refused().keys() == {"CORS_ORIGINS"}


def test_no_proxy_is_trusted_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read().trusted_proxies == ()
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.7, 192.168.1.0/24, ::1")
    assert read().trusted_proxies == ("10.0.0.7/32", "192.168.1.0/24", "::1/128")


@pytest.mark.parametrize("text", ["*", "proxy.example", "10.0.0.7/24"])
def test_what_is_no_network_is_no_trusted_proxy(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", text)
    assert refused().keys() == {"TRUSTED_PROXIES"}


def test_the_public_address_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read().public_url is None
    monkeypatch.setenv("PUBLIC_URL", "https://qgp.example.com:8443/quality/")
    assert read().public_url == "https://qgp.example.com:8443/quality"


@pytest.mark.parametrize("text", ["qgp.example.com", "ftp://a.example", "https://a.example?b=c"])
def test_what_is_no_public_address_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("PUBLIC_URL", text)
    assert refused().keys() == {"PUBLIC_URL"}


def test_files_stay_in_the_data_directory_unless_a_place_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("QGP_DATA_DIR", str(tmp_path))
    assert Files.of(read()) == Files(Disk(tmp_path / "files"), 26_214_400)
    monkeypatch.setenv("QGP_FILES_DIR", "/srv/files")
    monkeypatch.setenv("QGP_MAX_UPLOAD_BYTES", "1000")
    assert Files.of(read()) == Files(Disk(Path("/srv/files")), 1000)


def test_in_production_there_is_no_place_for_files_but_a_named_one(
    production: pytest.MonkeyPatch,
) -> None:
    assert Files.of(read()).storage is None
    production.setenv("QGP_FILES_DIR", "/srv/files")
    assert Files.of(read()).storage == Disk(Path("/srv/files"))


def test_a_bucket_needs_its_keys_and_takes_the_place_of_a_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QGP_S3_BUCKET", "files")
    assert refused().keys() == {"QGP_S3_ACCESS_KEY_ID", "QGP_S3_SECRET_ACCESS_KEY"}
    monkeypatch.setenv("QGP_S3_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("QGP_S3_SECRET_ACCESS_KEY", "secret")
    assert Files.of(read()).storage == S3("files", "us-east-1", "id", "secret")
    monkeypatch.setenv("QGP_S3_ENDPOINT", "https://s3.example.com/")
    monkeypatch.setenv("QGP_S3_REGION", "eu-central-1")
    expected = S3("files", "eu-central-1", "id", "secret", "https://s3.example.com")
    assert Files.of(read()).storage == expected
    monkeypatch.setenv("QGP_FILES_DIR", "/srv/files")
    assert refused().keys() == {"QGP_FILES_DIR"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("QGP_S3_ENDPOINT", "s3.example.com"),
        ("QGP_S3_ENDPOINT", "https://s3.example.com/files"),
        ("QGP_MAX_UPLOAD_BYTES", "0"),
        ("QGP_MAX_UPLOAD_BYTES", "25MB"),
        ("QGP_MAX_UPLOAD_BYTES", "2147483648"),
    ],
)
def test_what_makes_no_sense_for_files_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.setenv(name, text)
    assert refused().keys() == {name}


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY", "JWT_PREVIOUS_KEYS"])
@pytest.mark.parametrize(
    "key",
    [
        "changeme",
        "secret",
        "dev",
        "your-secret-key-here-please-change-it",
        "change-me-change-me-change-me-1234567890",
        "dev-rRmOeBc0Zk3yTt1nWv9qLx7uJp5sHd2aGf4",
        "<generate-with-secrets.token_urlsafe-32>",
        "a" * 48,
        "abcabcabcabcabcabcabcabcabcabcabcabc",
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "0101100111000101101001110100110101011001",
        "Zk3yTt1nWv9qLx7uJp5sHd2aGf4",
    ],
)
def test_production_refuses_weak_keys(production: pytest.MonkeyPatch, name: str, key: str) -> None:
    production.setenv(name, key)
    with pytest.raises(ConfigurationError) as caught:
        read()
    assert [problem.setting for problem in caught.value.problems] == [name]
    assert "token_urlsafe" in str(caught.value)


def test_keys_made_as_the_runbook_says_are_never_weak(production: pytest.MonkeyPatch) -> None:
    makers = {"SECRET_KEY": secrets.token_urlsafe, "JWT_SECRET_KEY": secrets.token_hex}
    for name, make in makers.items():
        assert [key for _ in range(300) if weakness(key := make(32))] == []
        production.setenv(name, make(32))
    read()


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY", "DATABASE_URL"])
def test_production_requires(production: pytest.MonkeyPatch, name: str) -> None:
    production.delenv(name)
    assert "required" in refused()[name]
    production.setenv(name, "")
    assert "required" in refused()[name]


def test_production_refuses_equal_secrets(production: pytest.MonkeyPatch) -> None:
    same = secrets.token_urlsafe(32)
    production.setenv("SECRET_KEY", same)
    production.setenv("JWT_SECRET_KEY", same)
    assert "differ" in refused()["JWT_SECRET_KEY"]


@pytest.mark.parametrize(("algorithm", "least"), [("HS256", 32), ("HS384", 48), ("HS512", 64)])
def test_a_signing_key_is_as_long_as_its_digest(
    monkeypatch: pytest.MonkeyPatch, algorithm: str, least: int
) -> None:
    monkeypatch.setenv("JWT_ALGORITHM", algorithm)
    monkeypatch.setenv("JWT_SECRET_KEY", secrets.token_hex(least)[: least - 1])
    assert f"{least} bytes" in refused()["JWT_SECRET_KEY"]
    monkeypatch.setenv("JWT_SECRET_KEY", secrets.token_hex(least)[:least])
    assert read().jwt_algorithm == algorithm


@pytest.mark.parametrize("algorithm", ["none", "RS256", "HS1"])
def test_an_unknown_algorithm_is_refused(production: pytest.MonkeyPatch, algorithm: str) -> None:
    production.setenv("JWT_ALGORITHM", algorithm)
    assert "HS256" in refused()["JWT_ALGORITHM"]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+asyncpg://u:p@localhost/db",
        "postgresql://u:p@LOCALHOST.:5432/db",
        "postgresql://u:p@db.localhost/db",
        "postgresql://u:p@localhost.localdomain/db",
        "postgresql://u:p@127.0.0.1/db",
        "postgresql://u:p@127.9.8.7/db",
        "postgresql://u:p@127.1/db",
        "postgresql://u:p@0x7f000001/db",
        "postgresql://u:p@0.0.0.0/db",
        "postgresql://u:p@[::1]/db",
        "postgresql://u:p@[::ffff:127.0.0.1]/db",
        "postgresql:///db",
        "postgresql://u:p@/db?host=/var/run/postgresql",
        "postgresql://u:p@/db?host=prod:5432&host=localhost:5432",
    ],
)
def test_production_refuses_a_local_database(production: pytest.MonkeyPatch, address: str) -> None:
    production.setenv("DATABASE_URL", address)
    assert "this machine" in refused()["DATABASE_URL"]


def test_production_refuses_echo(production: pytest.MonkeyPatch) -> None:
    production.setenv("DATABASE_ECHO", "true")
    assert refused().keys() == {"DATABASE_ECHO"}


def test_all_problems_are_listed_at_once(production: pytest.MonkeyPatch) -> None:
    production.setenv("SECRET_KEY", "changeme")
    production.setenv("DATABASE_URL", "postgresql://u:p@localhost/db")
    production.setenv("JWT_ALGORITHM", "none")
    production.setenv("PORT", "high")
    production.setenv("LIMITS__DEPTH", "deep")
    assert refused().keys() == {
        "SECRET_KEY", "DATABASE_URL", "JWT_ALGORITHM", "PORT", "LIMITS__DEPTH"
    }  # fmt: skip


def test_each_limit_is_a_setting_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIMITS__DEPTH", "7")
    monkeypatch.setenv("LIMITS__REQUEST_SECONDS", "2.5")
    assert read().limits == Limits(depth=7, request_seconds=2.5)


@pytest.mark.parametrize(("name", "value"), [("LIMITS__DEPHT", "7"), ("LIMITS__DEPTH", "0")])
def test_a_limit_that_does_not_exist_or_forbids_everything_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert name.removeprefix("LIMITS__") in refused()["LIMITS"]


def test_an_unknown_environment_is_refused_not_taken_for_development(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("APP_ENV", "prod")
    assert refused().keys() == {"APP_ENV"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "changeme-PRIVATE"),
        ("JWT_SECRET_KEY", "PRIVATE" * 8),
        ("DATABASE_URL", "postgresql://u:PRIVATE@localhost/db"),
        ("DATABASE_URL", "mysql://u:PRIVATE@prod/db"),
        ("DATABASE_URL", "PRIVATE"),
        ("DATABASE_URL", "postgresql://u:PRIVATE@prod/db?sslmode=PRIVATE"),
        ("DATABASE_URL", "postgresql://u:PRIVATE@prod:PRIVATE/db"),
        ("CORS_ORIGINS", "PRIVATE"),
        ("JWT_ALGORITHM", "PRIVATE"),
        ("PORT", "PRIVATE"),
    ],
)
def test_a_refusal_names_the_setting_and_never_its_value_in_all_that_python_writes(
    production: pytest.MonkeyPatch, name: str, value: str
) -> None:
    production.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        read()
    written = "".join(traceback.format_exception(caught.value))
    assert name in written
    assert "PRIVATE" not in written


def test_a_refused_process_ends_naming_the_setting_and_never_its_value(
    production: pytest.MonkeyPatch,
) -> None:
    production.setenv("DATABASE_URL", "postgresql://u:PRIVATE@prod/db?sslmode=PRIVATE")
    ended = subprocess.run(
        [sys.executable, "-c", "from qgp.settings import settings; settings()"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "DATABASE_URL" in ended.stderr
    assert "PRIVATE" not in ended.stdout + ended.stderr


def test_secrets_do_not_show_in_a_representation(production: pytest.MonkeyPatch) -> None:
    shown = repr(read())
    assert "pa55word" not in shown
    assert read().secret not in shown


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_every_spelling_of_the_scheme_reaches_asyncpg(scheme: str) -> None:
    database = Database.parse(f"{scheme}://u:p%40ss@db.example:6432/qgp")
    assert database.url.render_as_string(hide_password=False) == (
        "postgresql+asyncpg://u:p%40ss@db.example:6432/qgp"
    )
    assert database.connect_args == {}


def test_behind_pgbouncer_nothing_outlives_a_transaction() -> None:
    arguments = Database.parse("postgresql://u@db/qgp", pgbouncer=True).connect_args
    assert arguments["statement_cache_size"] == 0
    assert arguments["prepared_statement_cache_size"] == 0
    name = arguments["prepared_statement_name_func"]
    assert name() != name()


def test_the_present_key_signs_and_former_ones_verify(production: pytest.MonkeyPatch) -> None:
    former = [secrets.token_urlsafe(32), secrets.token_urlsafe(32)]
    production.setenv("JWT_PREVIOUS_KEYS", ",".join(former))
    settings = read()
    assert settings.jwt_secret_key is not None
    present = settings.jwt_secret_key.get_secret_value()
    assert list(settings.jwt_keys) == [key_id(present), *map(key_id, former)]
    assert list(settings.jwt_keys.values()) == [present, *former]


def test_what_is_missing_is_named_when_it_is_needed() -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        _ = read().database


def test_development_keeps_its_own_secrets_private(tmp_path: Path) -> None:
    kept = keep_secrets(tmp_path / "data")
    assert kept == keep_secrets(tmp_path / "data")
    assert kept["SECRET_KEY"] != kept["JWT_SECRET_KEY"]
    assert [entry.name for entry in (tmp_path / "data").iterdir()] == ["secrets.json"]
    assert stat.S_IMODE((tmp_path / "data" / "secrets.json").stat().st_mode) == 0o600


MAIL = {
    "SMTP_HOST": "smtp.example.com",
    "SMTP_USERNAME": "quality",
    "SMTP_PASSWORD": "pa55word",
    "MAIL_FROM": "Qualität <quality@größe.example>",
    "APP_URL": "https://app.example.com/",
}


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({}, None),
        ({"SMTP_TLS": " Implicit"}, None),
        ({"SMTP_TLS": "none"}, "SMTP_TLS"),
        ({"SMTP_TLS": "none", "SMTP_HOST": "127.0.0.1"}, None),
        ({"SMTP_TLS": "perhaps"}, "SMTP_TLS"),
        ({"SMTP_HOST": "smtp://user:pa55word@smtp.example.com"}, "SMTP_HOST"),
        ({"SMTP_PASSWORD": ""}, "SMTP_PASSWORD"),
        ({"MAIL_FROM": ""}, "MAIL_FROM"),
        ({"MAIL_FROM": "Quality"}, "MAIL_FROM"),
        ({"APP_URL": ""}, "APP_URL"),
        ({"APP_URL": "http://app.example.com"}, "APP_URL"),
        ({"APP_URL": "https://app.example.com/#x"}, "APP_URL"),
    ],
)
def test_production_sends_mail_encrypted_with_a_sender_and_links(
    production: pytest.MonkeyPatch, changes: dict[str, str], setting: str | None
) -> None:
    for name, value in (MAIL | changes).items():
        production.setenv(name, value)
    if setting is None:
        assert read().app_url == "https://app.example.com"
        return
    problems = refused()
    assert [*problems] == [setting]
    assert "pa55word" not in str(problems)

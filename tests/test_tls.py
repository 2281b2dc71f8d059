"""TLS to the database: what an address asks for, and what a real server lets in."""

import os
import secrets
import ssl
import subprocess
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography import x509
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from qgp.embedded import server as embedded
from qgp.embedded.binaries import Binaries
from qgp.embedded.server import Server
from qgp.settings import Database
from tests.certificates import Authority
from tests.servers import OLDEST, administer, migrate, temporary_of


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    authority_at = Authority.at(tmp_path_factory.mktemp("tls"))
    authority_at.issue("server")
    authority_at.issue("qgp")
    authority_at.issue("locked", password="hunter2")
    return authority_at


def argument(query: str) -> object:
    return Database.parse(f"postgresql://u@db.example/qgp?{query}").connect_args.get("ssl")


@pytest.mark.parametrize(
    ("query", "mode"),
    [
        ("", None),
        ("sslmode=disable", "disable"),
        ("ssl=disable", "disable"),
        ("ssl=false", "disable"),
        ("sslmode=prefer", "prefer"),
        ("ssl=prefer", "prefer"),
        ("sslmode=require", "require"),
        ("ssl=require", "require"),
        ("ssl=true", "require"),
        ("sslmode=require&ssl=true", "require"),
        ("sslmode=require&channel_binding=require", "require"),
    ],
)
def test_a_mode_without_files_is_left_to_the_driver(query: str, mode: str | None) -> None:
    database = Database.parse(f"postgresql://u@db.example/qgp?{query}")
    assert database.connect_args.get("ssl") == mode
    assert not database.url.query


@pytest.mark.parametrize(
    ("query", "verification", "checks_name"),
    [
        ("sslmode=verify-full", ssl.CERT_REQUIRED, True),
        ("ssl=verify-full", ssl.CERT_REQUIRED, True),
        ("sslmode=verify-full&sslrootcert=system", ssl.CERT_REQUIRED, True),
        ("sslrootcert=system", ssl.CERT_REQUIRED, True),
        ("sslmode=verify-full&sslrootcert={root}", ssl.CERT_REQUIRED, True),
        ("sslmode=verify-ca&sslrootcert={root}", ssl.CERT_REQUIRED, False),
        ("sslmode=require&sslrootcert={root}", ssl.CERT_REQUIRED, False),
        ("sslmode=require&sslcert={cert}&sslkey={key}", ssl.CERT_NONE, False),
        ("sslmode=verify-ca&sslrootcert={root}&sslcert={cert}&sslkey={key}",
         ssl.CERT_REQUIRED, False),
    ],
)  # fmt: skip
def test_files_are_verified_as_libpq_does(
    authority: Authority, query: str, verification: ssl.VerifyMode, checks_name: bool
) -> None:
    context = argument(filled(query, authority))
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (verification, checks_name)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("sslmode=strict", "sslmode out of"),
        ("ssl=maybe", "sslmode out of"),
        ("sslmode=require&ssl=disable", "keep sslmode="),
        ("sslmode=verify-ca", "sslrootcert"),
        ("sslmode=verify-ca&sslrootcert=system", "verify-full"),
        ("sslmode=verify-full&sslrootcert=/nowhere/PRIVATE", "sslrootcert that cannot be read"),
        ("sslmode=verify-full&sslrootcert={key}", "sslrootcert that cannot be read"),
        ("sslmode=disable&sslrootcert={root}", "sslmode must be require"),
        ("sslmode=prefer&sslcert={cert}&sslkey={key}", "sslmode must be require"),
        ("sslmode=require&sslkey={key}", "without its sslcert"),
        ("sslmode=require&sslcert={cert}", "sslcert or sslkey"),
        ("sslmode=require&sslcert={cert}&sslkey={other}", "sslcert or sslkey"),
        ("sslmode=require&sslcert={locked}&sslkey={locked_key}", "sslcert or sslkey"),
        ("sslmode=require&sslcrl=/x", "not supported"),
    ],
)
def test_what_cannot_be_verified_is_refused_without_its_value(
    authority: Authority, query: str, words: str
) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        argument(filled(query, authority))
    assert str(authority.folder) not in str(refused.value)
    assert "PRIVATE" not in str(refused.value)


def test_an_encrypted_key_is_opened_by_its_password(authority: Authority) -> None:
    query = "sslmode=require&sslcert={locked}&sslkey={locked_key}&sslpassword=hunter2"
    assert isinstance(argument(filled(query, authority)), ssl.SSLContext)


def filled(query: str, authority: Authority) -> str:
    """Return a query with the files of the authority."""
    folder = authority.folder
    return query.format(
        root=folder / "root.crt", cert=folder / "qgp.crt", key=folder / "qgp.key",
        other=folder / "server.key", locked=folder / "locked.crt",
        locked_key=folder / "locked.key", strict=folder / "strict.crt",
        strict_key=folder / "strict.key", stranger=folder / "stranger" / "root.crt",
    )  # fmt: skip


HBA = """
local all all trust
hostssl all strict all cert
hostssl all all all trust
"""


@pytest.fixture(scope="module")
def host(authority: Authority) -> Iterator[str]:
    """The address of a server that takes TLS alone: Debian's, the embedded one has no OpenSSL."""
    if not OLDEST.exists():
        pytest.skip(f"no PostgreSQL with TLS in {OLDEST}")
    # An address of the loopback network for this server alone: its port is always the same.
    address = ".".join(["127", *(str(secrets.randbelow(253) + 1) for _ in range(2)), "10"])
    authority.issue("named", x509.IPAddress(ip_address(address)))
    authority.issue("strict")
    with pytest.MonkeyPatch.context() as patch:
        options = {**embedded._SETTINGS, "listen_addresses": f"{address},{sibling(address)}"}
        patch.setattr(embedded, "_SETTINGS", options)
        with temporary_of(Binaries(OLDEST, 15)) as server:
            encrypt(server, authority)
            yield address


def sibling(host: str) -> str:
    """Return the second address of the server, which its certificate does not name."""
    return f"{host.rpartition('.')[0]}.11"


def encrypt(server: Server, authority: Authority) -> None:
    """Turn TLS on, and refuse what comes over the network without it."""
    ((folder,),) = administer(server, "SHOW data_directory")
    data = Path(folder)
    for source, target in (("named.crt", "server.crt"), ("named.key", "server.key")):
        (data / target).write_bytes((authority.folder / source).read_bytes())
    (data / "root.crt").write_bytes((authority.folder / "root.crt").read_bytes())
    (data / "pg_hba.conf").write_text(HBA)
    for name in ("server.crt", "server.key", "root.crt"):
        os.chown(data / name, data.stat().st_uid, data.stat().st_gid)
        (data / name).chmod(0o600)
    administer(
        server,
        "CREATE ROLE strict LOGIN SUPERUSER",
        "ALTER SYSTEM SET ssl = on",
        "ALTER SYSTEM SET ssl_ca_file = 'root.crt'",
        "SELECT pg_reload_conf()",
    )


ACCEPTED = [
    ("qgp", "sslmode=require"),
    ("qgp", "sslmode=verify-ca&sslrootcert={root}"),
    ("qgp", "sslmode=verify-full&sslrootcert={root}"),
    ("strict", "sslmode=require&sslcert={strict}&sslkey={strict_key}"),
    ("strict", "sslmode=verify-full&sslrootcert={root}&sslcert={strict}&sslkey={strict_key}"),
]
REFUSED = [
    ("qgp", "sslmode=disable"),
    ("qgp", "sslmode=verify-full&sslrootcert={stranger}"),
    ("qgp", "sslmode=verify-ca&sslrootcert={stranger}"),
    ("qgp", "sslmode=require&sslrootcert={stranger}"),
    ("strict", "sslmode=verify-full&sslrootcert={root}"),
    ("strict", "sslmode=require&sslcert={cert}&sslkey={key}"),
]


@pytest.fixture
def stranger(authority: Authority) -> Path:
    """The root certificate of an authority that issued nothing here."""
    return Authority.at(authority.folder / "stranger").folder / "root.crt"


def address(host: str, user: str, query: str, authority: Authority) -> str:
    return f"postgresql+asyncpg://{user}@{host}/qgp?{filled(query, authority)}"


@pytest.mark.parametrize(("user", "query"), ACCEPTED)
async def test_application_and_libpq_connect_encrypted_with_one_address(
    host: str, authority: Authority, user: str, query: str
) -> None:
    url = address(host, user, query, authority)
    assert await by_asyncpg(url) == (True, user)
    assert by_libpq(url).stdout.strip() == f"t|{user}"


@pytest.mark.parametrize(("user", "query"), ACCEPTED)
async def test_ssl_means_the_same_to_the_application(
    host: str, authority: Authority, user: str, query: str
) -> None:
    url = address(host, user, query.replace("sslmode=", "ssl="), authority)
    assert await by_asyncpg(url) == (True, user)


@pytest.mark.parametrize(("user", "query"), REFUSED)
async def test_what_is_not_verified_connects_neither_by_asyncpg_nor_by_libpq(
    host: str, authority: Authority, stranger: Path, user: str, query: str
) -> None:
    url = address(host, user, query, authority)
    with pytest.raises((OSError, DBAPIError)):
        await by_asyncpg(url)
    assert by_libpq(url).returncode == 2


async def test_verify_full_refuses_a_certificate_of_another_name(
    host: str, authority: Authority
) -> None:
    other = sibling(host)
    only_issuer = address(other, "qgp", "sslmode=verify-ca&sslrootcert={root}", authority)
    assert await by_asyncpg(only_issuer) == (True, "qgp")
    full = address(other, "qgp", "sslmode=verify-full&sslrootcert={root}", authority)
    with pytest.raises((OSError, DBAPIError)):
        await by_asyncpg(full)
    assert by_libpq(full).returncode == 2


@pytest.mark.parametrize("name", ["sslmode", "ssl"])
def test_alembic_migrates_over_tls(host: str, authority: Authority, name: str) -> None:
    query = f"{name}=verify-full&sslrootcert={{root}}"
    migrate(address(host, "qgp", query, authority), "0001", "base")


async def by_asyncpg(url: str) -> tuple[bool, str]:
    """Connect as the application does; return whether TLS is on, and the user."""
    database = Database.parse(url)
    engine = create_async_engine(
        database.url, connect_args=dict(database.connect_args), poolclass=NullPool
    )
    try:
        async with engine.connect() as connection:
            (row,) = await connection.execute(sa.text(WHO))
            return row.ssl, row.usename
    finally:
        await engine.dispose()


WHO = (
    "SELECT ssl, usename FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
    " WHERE pid = pg_backend_pid()"
)


def by_libpq(url: str) -> "subprocess.CompletedProcess[str]":
    """Connect as psycopg2 does, which hands the address to libpq as it is."""
    command = [str(OLDEST / "psql"), url.replace("+asyncpg", ""), "-XAtqc", WHO]
    return subprocess.run(command, capture_output=True, text=True, check=False)

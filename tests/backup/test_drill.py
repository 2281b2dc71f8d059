"""A dump by an owner who is no superuser, restored into an empty cluster, is the same database."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from qgp.app import Application
from qgp.backup import BackupFailed, Drill, Outcome, Programs
from qgp.backup.content import Content
from qgp.backup.drill import OWNER
from qgp.embedded import Server, temporary
from qgp.pools import create_engine
from tests.command_line import typed_at
from tests.company import Hiring
from tests.environment import clone, settings_for
from tests.memory import in_memory
from tests.migrations.test_privileges import UNCOVERED, a_day_at_work, readiness
from tests.servers import administer, migrate, owned_by

TABLES = """SELECT count(*) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"""
TAMPER = """SET session_replication_role = replica;
    UPDATE audit_entries SET action = 'nothing' WHERE seq = 2"""


@dataclass(frozen=True)
class Source:
    """A database with records of two organizations, owned by a user without rights."""

    server: Server
    url: str

    def ask(self, *statements: str) -> list[list[str]]:
        return administer(self.server, *statements, database="maker")


@pytest.fixture(scope="module")
def source() -> Iterator[Source]:
    with temporary(in_memory()) as server:
        administer(server, "CREATE ROLE maker LOGIN CREATEROLE", "CREATE ROLE reporting")
        url = owned_by(server, "maker")
        migrate(url, "head")
        asyncio.run(a_day_at_work(url))
        source = Source(server, url)
        source.ask("GRANT SELECT ON sites TO reporting")
        yield source


def drill(source: Source, target: Server, folder: Path) -> Outcome:
    programs = Programs(source.server.binaries.folder)
    return asyncio.run(Drill(source.url, target.url("postgres"), programs, folder).run())


def test_what_is_restored_is_equal_and_an_application_serves_it(
    source: Source, fresh: Server, tmp_path: Path
) -> None:
    outcome = drill(source, fresh, tmp_path)
    tables = source.ask(TABLES)
    entries = source.ask("SELECT count(*) FROM audit_entries")
    assert [[str(outcome.tables)]] == tables
    assert outcome.organizations == 2
    assert outcome.rows > int(entries[0][0]) > 50
    restored = fresh.url(OWNER).replace("//qgp@", f"//{OWNER}@")
    assert asyncio.run(readiness(restored)) is None
    asyncio.run(a_day_at_work(restored))


def test_every_table_with_row_security_may_be_backed_up(source: Source) -> None:
    assert source.ask(UNCOVERED) == []


def test_the_backup_role_reads_all_organizations_and_changes_nothing(source: Source) -> None:
    everything = source.ask("SELECT count(*) FROM users")
    as_backup = ["SET ROLE qgp_backup", "SELECT count(*) FROM users"]
    assert source.ask(*as_backup) == everything
    assert int(everything[0][0]) >= 3
    for change in ("DELETE FROM users", "UPDATE sites SET name = ''", "TRUNCATE audit_entries"):
        with pytest.raises(AssertionError, match="permission denied"):
            source.ask("SET ROLE qgp_backup", change)
    for role in ("maker", "qgp_app"):
        assert source.ask(f"SET ROLE {role}", "SELECT count(*) FROM users") == [["0"]]


def test_a_tampered_trail_fails_the_drill_at_its_entry(
    source: Source, fresh: Server, tmp_path: Path
) -> None:
    before = source.ask("SELECT action FROM audit_entries WHERE seq = 2 LIMIT 1")[0][0]
    source.ask(TAMPER)
    try:
        with pytest.raises(BackupFailed, match=r"is broken at entry 2\."):
            drill(source, fresh, tmp_path)
    finally:
        source.ask(TAMPER.replace("'nothing'", f"'{before}'"))


def test_a_user_without_the_backup_role_receives_instructions(
    source: Source, fresh: Server, tmp_path: Path
) -> None:
    administer(source.server, "CREATE ROLE outsider LOGIN")
    other = Source(source.server, source.url.replace("//maker@", "//outsider@"))
    with pytest.raises(BackupFailed, match="GRANT qgp_backup TO"):
        drill(other, fresh, tmp_path)


def test_what_differs_is_named() -> None:
    organization = UUID(int=1)
    source = Content({"sites": 3, "users": 2}, {organization: (5, b"a")})
    restored = Content({"sites": 2, "users": 2}, {organization: (5, b"b")})
    assert source.differences(source) == []
    assert source.differences(restored) == [
        "sites: 3 rows, restored 2",
        f"audit trail of organization {organization} ends elsewhere",
    ]


async def test_the_command_says_what_was_compared(
    server_url: sa.URL, worker_id: str, application: Application
) -> None:
    """Of a database without the tampered trails that other tests leave in theirs."""
    url = await clone(server_url, f"drill_{worker_id}")
    settings = settings_for(url)
    filled = Application.of(settings, create_engine(settings))
    await Hiring(filled).company()
    await filled.close()
    with typed_at(url, application) as qgp:
        done = await asyncio.to_thread(qgp, "backup", "drill")
    assert done.exit_code == 0, done.stderr
    assert "The restored database is equal: " in done.stdout
    assert "an application would be ready on it." in done.stdout

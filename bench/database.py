"""One PostgreSQL for all: the product's tables, and plain ones with the same rows for the peers."""

import asyncio
import os
import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from uuid import UUID

from alembic import command

from qgp import migrations, new_organization
from qgp.accounts.commands.accounts import account_for
from qgp.app import Application
from qgp.authentication.passwords import Hasher
from qgp.embedded import cluster
from qgp.embedded.join import temporary
from qgp.embedded.server import Server
from qgp.kit.operating import operating
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.policy import Role
from qgp.pools import create_engine
from qgp.settings import read, settings
from qgp.users.model import User, UserStatus

DATA = Path(__file__).parent / "data"
SLUG, EMAIL, PASSWORD = "bench", "user1@bench.example", secrets.token_urlsafe(16)
ORGANIZATION = UUID("0192f000-0000-7000-8000-000000000001")
ORGANIZATIONS = 16  # the first two hold all kinds of records, all of them one user and the sites
_FILLED_BY_MUTATIONS = ("findings", "status_events", "reference_counters", "idempotency_keys")
_APPENDED = ("audit_entries", "audit_heads")
STANDARDS = 100  # at scale 1, as data/rows.sql makes them


def organization(place: int) -> UUID:
    """Return the id of an organization, from 0, as data/ours.sql makes it."""
    return UUID(int=ORGANIZATION.int + place)


def slug(place: int) -> str:
    """Return the slug of an organization, as data/ours.sql makes it."""
    return f"{SLUG}-{place}" if place else SLUG


def own(id: UUID, place: int) -> UUID:
    """Return the id of the same record in another organization, as data/ours.sql makes it."""
    text = str(id)
    return UUID(f"{text[:19]}bb{place:02x}{text[23:]}") if place else id


@dataclass(frozen=True)
class Stage:
    """The filled database, and how servers of either kind reach it."""

    server: Server

    @property
    def url(self) -> str:
        """The product's address of it."""
        return self.server.url()

    @cached_property
    def postmaster(self) -> int:
        """Process id, the parent of all backends."""
        return int((self.server.data_dir / "postgres/data/postmaster.pid").read_text().split()[0])

    @cached_property
    def author(self) -> str:
        """Author of the records that the servers without a sign-in create."""
        return self.ask(f"SELECT id FROM plain.users WHERE email = '{EMAIL}'")[0]

    @cached_property
    def author_name(self) -> str:
        """The author as people know them."""
        return self.ask(f"SELECT name FROM plain.users WHERE email = '{EMAIL}'")[0]

    def address(self, user: str) -> Mapping[str, str]:
        """Return the address for a peer's driver, which the user decides: plain tables or ours."""
        host = str(self.server.socket_folder)
        return {"PGHOST": host, "PGUSER": user, "PGDATABASE": cluster.DATABASE}

    def ask(self, *statements: str) -> list[str]:
        """Run statements as the superuser, each alone; return the rows as text."""
        commands = [part for statement in statements for part in ("-c", statement)]
        return self._psql(*commands).splitlines()

    def play(self, script: str, **variables: object) -> None:
        """Run a file of `data` with psql's variables."""
        options = [part for name, value in variables.items() for part in ("-v", f"{name}={value}")]
        self._psql("-1", *options, "-f", str(DATA / script))

    def settle(self) -> None:
        """Vacuum until every page is known to be visible to all, for both kinds of servers alike.

        A snapshot that is just ending holds the first vacuum back, and counts then read the table
        where the index would do.
        """
        unseen = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relallvisible < relpages"
        unseen += " AND relnamespace IN ('public'::regnamespace, 'plain'::regnamespace)"
        for _ in range(20):
            self.ask("VACUUM ANALYZE", "CHECKPOINT")
            if self.ask(unseen) == ["0"]:
                return
            time.sleep(0.5)
        raise TimeoutError("vacuum cannot see every page; does somebody hold a transaction open?")

    def analyze(self) -> None:
        """Gather statistics of the tables that mutations fill, as autovacuum does elsewhere.

        They outlive `forget`: without any, plans read all rows of an organization for one.
        """
        self.ask(f"ANALYZE {', '.join((*_FILLED_BY_MUTATIONS, *_APPENDED, 'plain.findings'))}")

    def forget(self) -> None:
        """Remove what mutations made, so that the tables stay as large as they were."""
        self.ask(
            "TRUNCATE plain.findings, outbox_events",
            "ALTER SEQUENCE plain.finding_numbers RESTART",
            "SET session_replication_role = replica;"
            + "".join(f"DELETE FROM {table};" for table in _FILLED_BY_MUTATIONS)
            + "DELETE FROM audit_entries e USING bench.heads h"
            " WHERE h.organization_id = e.organization_id AND e.seq > h.seq;"
            "UPDATE audit_heads a SET seq = h.seq, hash = h.hash, outbox_position ="
            " h.outbox_position FROM bench.heads h"
            " WHERE h.organization_id = a.organization_id AND a.seq > h.seq",
            *[f"VACUUM {table}" for table in (*_FILLED_BY_MUTATIONS, *_APPENDED)],
        )

    def findings(self) -> int:
        """Count what mutations made, on either side."""
        counts = "SELECT count(*) FROM findings UNION ALL SELECT count(*) FROM plain.findings"
        return sum(map(int, self.ask(counts)))

    def _psql(self, *arguments: str) -> str:
        options = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", cluster.USER]
        command = [str(self.server.binaries["psql"]), *options]
        command += ["-h", str(self.server.socket_folder), "-d", cluster.DATABASE, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"psql failed: {done.stderr}")
        return done.stdout


@contextmanager
def filled(scale: int) -> Iterator[Stage]:
    """Create a migrated database with `scale` times 20,000 clauses for the block."""
    with temporary() as server:
        os.environ["DATABASE_URL"] = server.url()
        os.environ.update(
            {key: secrets.token_urlsafe(48) for key in ("SECRET_KEY", "JWT_SECRET_KEY")}
        )
        settings.cache_clear()
        command.upgrade(migrations.config(), "head")
        stage = Stage(server)
        stage.play("plain.sql")
        stage.play("rows.sql", scale=scale)
        asyncio.run(_found(UUID(stage.author), stage.author_name))
        stage.play(
            "ours.sql",
            standards=STANDARDS * scale // 10,
            first=ORGANIZATION,
            organizations=ORGANIZATIONS,
        )
        stage.settle()
        stage.forget()
        yield stage


async def _found(owner: UUID, name: str) -> None:
    """Make the organization and the one who will sign in as the product makes them."""
    settings = read()
    engine = create_engine(settings)
    database = Application.of(settings, engine).database
    async with operating(database, ORGANIZATION, OperatorAction.ORGANIZATION_CREATE) as work:
        await new_organization.create(work, slug=SLUG, name="Bench company")
        hashed = await Hasher().hash(PASSWORD)
        account = await account_for(work.session, EMAIL, password_hash=hashed)
        await work.add(
            User(
                id=owner,
                account_id=account.id,
                email=account.email,
                name=name,
                role=Role.OWNER,
                status=UserStatus.ACTIVE,
                access_version=1,
            )
        )
    await engine.dispose()

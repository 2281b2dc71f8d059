"""Server of a data directory: start, address, databases and stop."""

import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from qgp.embedded import cluster, home, postmaster
from qgp.embedded.account import Account
from qgp.embedded.binaries import Binaries, find
from qgp.embedded.errors import EmbeddedError, InUse
from qgp.embedded.lock import Lock
from qgp.embedded.postmaster import Postmaster
from qgp.embedded.process import Child

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 20.0

_SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
_WITHOUT_DURABILITY: Final[Mapping[str, str]] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "4GB",
}


class Server:
    """PostgreSQL server of a data directory, which listens on a unix socket only.

    It ends with the process that started it. Locked: of all processes, one runs it at a time;
    the others may use it (see `join`).

    Args:
        data_dir: made if missing; holds the cluster, its log and its locks.
        durable: False for tests, where speed counts more than safety on a power failure.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.data_dir = data_dir.absolute()
        self._durable = durable
        self._account = Account.for_server()
        self._lock = Lock(self.data_dir / "lock")
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        """Whether it accepts connections, whoever started it."""
        postmaster_file = Postmaster.of(self._cluster)
        return postmaster_file is not None and postmaster_file.answers

    @property
    def has_cluster(self) -> bool:
        """Whether its cluster has been created."""
        return self._cluster.exists()

    @cached_property
    def binaries(self) -> Binaries:
        """Its programs: `binaries["psql"]` and the like."""
        return find(self._account)

    @property
    def socket_folder(self) -> Path:
        """Folder of its socket, as libpq's `host`.

        Raises:
            EmbeddedError: it does not run.
        """
        if postmaster_file := Postmaster.of(self._cluster):
            return postmaster_file.folder
        raise EmbeddedError(f"No PostgreSQL runs in {self.data_dir}.")

    def url(self, database: str = cluster.DATABASE) -> str:
        """Return the address of a database for SQLAlchemy with asyncpg.

        Raises:
            EmbeddedError: it does not run.
        """
        host = quote(str(self.socket_folder))
        return f"postgresql+asyncpg://{cluster.USER}@/{quote(database)}?host={host}"

    def create(self) -> None:
        """Create the cluster if it does not exist, without starting the server.

        Raises:
            InUse: another process runs it, or is about to.
            EmbeddedError: there is no PostgreSQL, or it cannot create the cluster.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with self._lock.held(patience=0):
            home.settle(self.data_dir, self._account)
            cluster.ensure(self._cluster, binaries=self.binaries, account=self._account)

    def start(self, *, patience: float = 2.0) -> None:
        """Create the cluster if it does not exist, start the server, wait until it answers.

        Args:
            patience: seconds to wait for an owner who is just leaving.

        Raises:
            InUse: another process runs it, or is about to.
            EmbeddedError: there is no PostgreSQL, or it does not start; the message ends with
                what it logged.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.take(patience=patience)
        except InUse:
            raise InUse(f"The PostgreSQL of {self.data_dir} belongs to another process.") from None
        try:
            self._launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut down at once, rolling open transactions back, if this process started the server."""
        if self._child:
            last = Postmaster.of(self._cluster)
            self._child.end(patience=_STOP_SECONDS)
            home.tidy(self._cluster.parent, last)
            self._child = None
        self._lock.drop()

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create a database, empty or as a copy of one to which nobody is connected.

        Raises:
            EmbeddedError: it exists already, or the template is in use.
        """
        copied = ("--template", template, "--strategy", "file_copy") if template else ()
        self._administer("createdb", *copied, name)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, and the connections to it."""
        self._administer("dropdb", "--if-exists", "--force", name)

    @property
    def _cluster(self) -> Path:
        return (self.data_dir / "postgres").resolve() / "data"

    def _administer(self, program: str, *arguments: str) -> None:
        address = ("--host", str(self.socket_folder), "--username", cluster.USER)
        self._account.run(self.binaries[program], *address, *arguments, cwd=Path("/"))

    def _launch(self) -> None:
        binaries = self.binaries
        folder = home.settle(self.data_dir, self._account)
        last = Postmaster.of(self._cluster)
        postmaster.clear(self._cluster)
        home.tidy(folder, last)
        cluster.ensure(self._cluster, binaries=binaries, account=self._account)
        log = folder / "log"
        said = log.stat().st_size if log.exists() else 0
        listen = home.socket_folder(folder, self._account)
        settings = {
            **_SETTINGS,
            **({} if self._durable else _WITHOUT_DURABILITY),
            "unix_socket_directories": str(listen),
        }
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = (str(binaries["postgres"]), "-D", str(self._cluster), *options)
        self._child = Child(command, account=self._account, log=log)
        self._await(self._child, log, said)

    def _await(self, child: Child, log: Path, said: int) -> None:
        """Wait for the first answer; `said` is the length of the log before this start."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.is_running:
            if child.has_ended or time.monotonic() > deadline:
                complaint = log.read_bytes()[said:].decode(errors="replace")
                raise EmbeddedError(f"PostgreSQL does not start:\n{complaint[-2000:]}")
            time.sleep(0.005)

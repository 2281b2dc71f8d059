"""Child process that ends with this process, also when this is killed."""

import shutil
import signal
import subprocess
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from threading import Thread

from qgp.embedded.account import ENVIRONMENT, Account


class Child:
    """A process that gets SIGINT when this process dies, even by SIGKILL (on Linux).

    The kernel sends that signal at the end of the *thread* that forked, so the thread that starts
    the child does nothing else but wait for it.
    """

    def __init__(self, command: Sequence[str], *, account: Account, log: Path) -> None:
        self._started: Future[subprocess.Popen[bytes]] = Future()
        self._keeper = Thread(
            target=self._keep, args=(command, account, log), name="postgres-keeper", daemon=True
        )
        self._keeper.start()
        self._process = self._started.result()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone and reaped."""
        return not self._keeper.is_alive()

    def end(self, *, patience: float) -> None:
        """Ask the server to shut down at once and cleanly; after `patience` seconds, abruptly."""
        if not self.has_ended:
            self._process.send_signal(signal.SIGINT)
            self._keeper.join(patience)
        if not self.has_ended:
            self._process.send_signal(signal.SIGQUIT)
            self._keeper.join(patience)

    def _keep(self, command: Sequence[str], account: Account, log: Path) -> None:
        try:
            process = _start(command, account, log)
        except OSError as error:
            self._started.set_exception(error)
            return
        self._started.set_result(process)
        process.wait()


def _start(command: Sequence[str], account: Account, log: Path) -> subprocess.Popen[bytes]:
    # setpriv, not preexec_fn: no Python runs between fork and exec of a process with threads.
    setpriv = shutil.which("setpriv")
    mortal = [setpriv, "--pdeathsig", "INT", "--"] if setpriv else []
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - PostgreSQL's own program, without a shell
            [*mortal, *command],
            cwd=log.parent,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C at the terminal is for us: we finish our work before the database goes.
            start_new_session=True,
            user=account.uid,
            group=account.gid,
            extra_groups=account.groups,
        )

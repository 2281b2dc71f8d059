"""Processes that start with modules imported and the schema built, which takes most of a start.

`python tests/preloading.py serve` does both once, and forks for each process that a test starts.
Tests of the start itself start Python anew.
"""

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self, TextIO

ROOT = Path(__file__).parents[1]
ADDRESS = "QGP_TEST_FORKER"  # of the run's process that forks; xdist's workers inherit it
PRODUCT = ("qgp.cli", "tests.schema_built")  # its modules, and its schema
_QGP = "import sys; from qgp.__main__ import main; sys.exit(main())"
_MESSAGE_BYTES = 1 << 17


class Process:
    """A process that was forked, with what the tests use of `subprocess.Popen`.

    Attributes:
        pid: its id.
        stdout: its output and errors, if it has not been given a file for them.
        returncode: the exit code, or the negative number of the signal that ended it; None before.
    """

    def __init__(self, status: TextIO, stdout: TextIO | None) -> None:
        self._status = status  # the id, and the exit code at the end
        self.stdout = stdout
        self.pid = int(status.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return self._await_end(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code."""
        code = self._await_end(timeout)
        if code is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return code

    def _await_end(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
            self.returncode = int(self._status.readline())
            self._status.close()
        return self.returncode

    def communicate(self, timeout: float = 60) -> tuple[str, None]:
        """Return the rest of the output, once the process has ended; kill it after some seconds."""
        assert self.stdout is not None
        timer = threading.Timer(timeout, self.kill)
        timer.start()
        try:
            with self.stdout:
                return self.stdout.read(), None
        finally:
            timer.cancel()
            self.wait(timeout)

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for the end, as `Popen` does."""
        if self.stdout is not None:
            self.stdout.close()
        self.wait()


Started = subprocess.Popen[str] | Process


@dataclass(frozen=True)
class Forker:
    """A process that imports modules and forks.

    Attributes:
        address: of the socket that takes its requests.
    """

    address: str

    def start(
        self,
        code: str,
        *words: str,
        modules: Sequence[str],
        environment: Mapping[str, str],
        folder: Path | None = None,
        input: TextIO | None = None,
        output: TextIO | None = None,
        errors: TextIO | None = None,
    ) -> Process:
        """Run code with arguments in a process of its own, as `python -c` does.

        Args:
            code: Python code.
            words: name and arguments of its program.
            modules: what is imported before the fork, if it has not been for another one.
            environment: all of its variables.
            folder: its working directory; that of this process without one.
            input: file of its input, which is empty without one.
            output: file of its output; a pipe without one.
            errors: file of its errors, which are written with the output without one.
        """
        reports, status = os.pipe()
        read, written = (None, output.fileno()) if output is not None else os.pipe()
        request = {
            "code": code,
            "words": words,
            "modules": modules,
            "environment": dict(environment),
            "folder": str(folder or Path.cwd()),
        }
        message = [json.dumps(request).encode()]
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel,
            Path(os.devnull).open() as nothing,
        ):
            files = [
                *(status, (input or nothing).fileno(), written),
                written if errors is None else errors.fileno(),
            ]
            channel.connect(self.address)
            socket.send_fds(channel, message, files)
        os.close(status)
        if read is not None:
            os.close(written)
        return Process(os.fdopen(reports), None if read is None else os.fdopen(read))


@contextmanager
def forking(folder: Path = ROOT) -> Iterator[Forker]:
    """Start a process that forks with the modules of a folder; it ends with the block."""
    with (
        TemporaryDirectory(prefix="qgp-test-forker-") as place,
        listening(f"{place}/it") as channel,
        subprocess.Popen(
            [sys.executable, "-P", __file__, "serve", str(channel.fileno())],
            env={**os.environ, "PYTHONPATH": str(folder)},
            pass_fds=[channel.fileno()],
            stdin=subprocess.PIPE,  # closed at the end of the block, or of this process
        ),
    ):
        yield Forker(channel.getsockname())


def listening(address: str) -> socket.socket:
    """Return a socket that takes requests at an address."""
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    channel.bind(address)
    return channel


@cache
def forker(folder: Path = ROOT) -> Forker:
    """Return the process that forks with the modules of a folder: the run's, or one of our own."""
    if folder == ROOT and ADDRESS in os.environ:
        return Forker(os.environ[ADDRESS])
    return _our_own.enter_context(forking(folder))


_our_own = ExitStack()
atexit.register(_our_own.close)


def start_qgp(*words: str, environment: Mapping[str, str], output: TextIO | None = None) -> Process:
    """Run a command of the product."""
    return forker().start(
        _QGP, "qgp", *words, modules=PRODUCT, environment=environment, output=output
    )


def serve(channel: socket.socket) -> None:
    """Import and fork for each request of a channel until the standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the tests end what they started
    gc.disable()  # what is imported stays
    forks: dict[int, Fork] = {}
    with channel:
        while True:
            ready, _, _ = select.select([channel, sys.stdin, *forks], [], [])
            for ended in forks.keys() & set(ready):
                forks.pop(ended).report()
                os.close(ended)
            if sys.stdin in ready:
                return
            if channel not in ready:
                continue
            message, (status, *files), _, _ = socket.recv_fds(channel, _MESSAGE_BYTES, 4)
            request = json.loads(message)
            for module in request["modules"]:
                importlib.import_module(module)
            gc.freeze()  # no fork looks through what is imported
            if (pid := os.fork()) == 0:
                break
            forks[os.pidfd_open(pid)] = Fork(pid, status)
            for each in files:
                os.close(each)
    for each in (status, *forks, *(fork.status for fork in forks.values())):
        os.close(each)
    _run(request, files)


class Fork:
    """A process that was forked, as the one that forked it knows it.

    Attributes:
        status: file that receives its id, and its exit code at the end.
    """

    def __init__(self, pid: int, status: int) -> None:
        self._pid = pid
        self.status = status
        self._write(pid)

    def report(self) -> None:
        """Write the exit code, once the process has ended."""
        _, code = os.waitpid(self._pid, 0)
        self._write(os.waitstatus_to_exitcode(code))
        os.close(self.status)

    def _write(self, number: int) -> None:
        with suppress(BrokenPipeError):  # nobody waits any more
            os.write(self.status, f"{number}\n".encode())


def _run(request: Any, files: Sequence[int]) -> None:
    """Run a request's code in this fork, with the files of its input, output and errors."""
    for number, descriptor in enumerate(files):
        os.dup2(descriptor, number)
        os.close(descriptor)
    gc.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.argv[:] = request["words"]
    exec(request["code"], {"__name__": "__main__"})


def stand_in(address: str, *words: str) -> None:
    """Fork in place of `python -u -c CODE`, and end as what was forked ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the fork decides
    forked = Forker(address).start(
        *(words[-1], "-c"),
        modules=(),
        environment=os.environ,
        input=sys.stdin,
        output=sys.stdout,
        errors=sys.stderr,
    )
    sys.exit(forked.wait())


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(socket.socket(fileno=int(sys.argv[2])))
    else:
        stand_in(*sys.argv[2:])

"""Processes that start with modules imported and the schema built, which takes most of a start.

`python tests/preloading.py` does both once, and forks for each process that a test starts. Tests of
the start itself start Python anew.
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
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, Self, TextIO

ROOT = Path(__file__).parents[1]
PRODUCT = ("qgp.cli", "tests.schema_once")  # its modules, and its schema
_QGP = "import sys; from qgp.__main__ import main; sys.exit(main())"
_MESSAGE_BYTES = 1 << 17
_POLL_SECONDS = 0.01


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
        if self.returncode is None and select.select([self._status], [], [], 0)[0]:
            self.returncode = int(self._status.readline())
            self._status.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code."""
        begun = time.monotonic()
        while (code := self.poll()) is None:
            if timeout is not None and time.monotonic() - begun > timeout:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(_POLL_SECONDS)
        return code

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


class Forker:
    """A process that imports modules and forks.

    Args:
        folder: of the modules.
    """

    def __init__(self, folder: Path) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel = ours
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__, str(theirs.fileno())],
                env={**os.environ, "PYTHONPATH": str(folder)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def start(
        self,
        code: str,
        *words: str,
        modules: Sequence[str],
        environment: Mapping[str, str],
        folder: Path | None = None,
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
        files = [status, written, written if errors is None else errors.fileno()]
        socket.send_fds(self._channel, [json.dumps(request).encode()], files)
        os.close(status)
        if read is not None:
            os.close(written)
        return Process(os.fdopen(reports), None if read is None else os.fdopen(read))

    def close(self) -> None:
        """End the process that forks."""
        self._channel.close()
        self._process.wait()


@cache
def forker(folder: Path = ROOT) -> Forker:
    """Return the process that forks with the modules of a folder; it ends with this one."""
    started = Forker(folder)
    atexit.register(started.close)
    return started


def start_qgp(*words: str, environment: Mapping[str, str], output: TextIO | None = None) -> Process:
    """Run a command of the product."""
    return forker().start(
        _QGP, "qgp", *words, modules=PRODUCT, environment=environment, output=output
    )


def main(descriptor: str) -> None:
    """Import and fork for each request of a channel until that is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the tests end what they started
    with socket.socket(fileno=int(descriptor)) as channel:
        while True:
            message, descriptors, _, _ = socket.recv_fds(channel, _MESSAGE_BYTES, 3)
            _reap()
            if not message:
                return
            request = json.loads(message)
            for module in request["modules"]:
                importlib.import_module(module)
            gc.freeze()  # no fork looks through what is imported
            if os.fork() == 0:
                break
            for each in descriptors:
                os.close(each)
    _run(request, *descriptors)


def _reap() -> None:
    """Take the ends of the forks, so that their processor time counts."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _run(request: Any, status: int, output: int, errors: int) -> None:
    """Run a request's code in a fork; this process writes its id, and its exit code at the end."""
    if pid := os.fork():
        os.close(output)
        os.close(errors)
        os.write(status, f"{pid}\n".encode())
        _, code = os.waitpid(pid, 0)
        os.write(status, f"{os.waitstatus_to_exitcode(code)}\n".encode())
        os._exit(0)
    os.close(status)
    for descriptor, number in ((output, 1), (errors, 2)):
        os.dup2(descriptor, number)
        os.close(descriptor)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.argv[:] = request["words"]
    exec(request["code"], {"__name__": "__main__"})


if __name__ == "__main__":
    main(sys.argv[1])

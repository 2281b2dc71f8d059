"""Foreground process group of the terminal, so that Ctrl-C ends this process, not its parent."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def alone_at_terminal() -> Iterator[None]:
    """Take the terminal's signals for this process and its children within the block.

    `make` dies of a Ctrl-C that reaches it, with an error, even if its recipe ends well. So the
    recipe's process leaves make's group for one of its own. Nothing happens without a terminal,
    or where a shell has done so already.
    """
    if not sys.stdin.isatty() or os.getpgrp() == os.getpid():
        yield
        return
    terminal = sys.stdin.fileno()
    former = os.tcgetpgrp(terminal)
    # A group that is not in front may change that only while it ignores SIGTTOU; and Ctrl-Z
    # would stop us alone, with make waiting for us and no shell to ask.
    for number in (signal.SIGTTOU, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        os.tcsetpgrp(terminal, former)

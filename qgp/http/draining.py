"""Between the signal to stop and the stop: still serving, no longer ready."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_STOPS = (signal.SIGTERM, signal.SIGINT)


class Drain:
    """Whether this process is about to stop.

    Args:
        seconds: how long to keep serving after the signal, so that load balancers notice.
    """

    def __init__(self, seconds: float = 0) -> None:
        self.seconds = seconds
        self.has_begun = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Delay the server's own reaction to SIGTERM and SIGINT; a second signal is not delayed.

        Enter it in the application's lifespan: by then the server has set its handlers.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in _STOPS}
        loop = asyncio.get_running_loop()

        def pass_on(number: int, frame: FrameType | None) -> None:
            handler = before[signal.Signals(number)]
            if callable(handler):
                handler(number, frame)

        def begin(number: int, frame: FrameType | None) -> None:
            if self.has_begun or not self.seconds:
                self.has_begun = True
                pass_on(number, frame)
                return
            self.has_begun = True
            loop.call_soon_threadsafe(loop.call_later, self.seconds, pass_on, number, None)

        for number, handler in before.items():
            if callable(handler):
                signal.signal(number, begin)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

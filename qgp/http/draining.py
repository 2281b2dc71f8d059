"""Draining: the time between the signal to stop and the stop, still serving, no longer ready."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import structlog

_log = structlog.get_logger(__name__)
_STOPS = (signal.SIGTERM, signal.SIGINT)


class Drain:
    """State of a process that is about to stop.

    Args:
        seconds: time to keep serving after the signal, so that load balancers notice.
        work_seconds: time for the requests in flight after that.
    """

    def __init__(self, seconds: float = 0, *, work_seconds: float = 0) -> None:
        self.seconds = seconds
        self.work_seconds = work_seconds
        self.has_begun = False
        self.at_stop: list[Callable[[], None]] = []  # called when the server stops listening

    @contextmanager
    def listening(self, stop_work: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Delay the server's own reaction to SIGTERM and SIGINT; a second signal is not delayed.

        `stop_work` is called when the time of the requests in flight is over. Enter it in the
        application's lifespan: by then the server has set its handlers.
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
            is_second, self.has_begun = self.has_begun, True
            if not is_second:
                loop.call_soon_threadsafe(self._note, number)
                loop.call_soon_threadsafe(loop.call_later, self.seconds, self._stop)
                end = self.seconds + self.work_seconds
                loop.call_soon_threadsafe(loop.call_later, end, stop_work)
            if is_second or not self.seconds:
                pass_on(number, frame)
            else:
                loop.call_soon_threadsafe(loop.call_later, self.seconds, pass_on, number, None)

        for number, handler in before.items():
            if callable(handler):
                signal.signal(number, begin)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self) -> None:
        for act in self.at_stop:
            act()

    def _note(self, number: int) -> None:
        _log.warning("draining", reason=signal.Signals(number).name, seconds=self.seconds)

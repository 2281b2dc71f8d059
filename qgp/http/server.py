"""Server process: uvicorn with connection limits, worker supervision and exit codes."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from qgp.http.connection_limits import ServerConfig
from qgp.http.fast_path_protocol import FastPathProtocol
from qgp.http.websocket_server import WebSocketServerProtocol

_COULD_NOT_START = 1
_gave_up = False


def serve(
    factory: str,
    *,
    host: str,
    port: int,
    workers: int = 1,
    header_seconds: float = 10,
    idle_seconds: int = 5,
    stop_seconds: int = 7,
    message_bytes: int = 64 * 1024,
    trusted_proxies: Sequence[str] = (),
    configure_logging: Callable[[], None] | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT; return the code to exit with.

    Args:
        factory: `module:function` that returns the ASGI application, called in each process.
        host: address to listen on.
        port: port to listen on.
        workers: number of processes.
        header_seconds: time for a request's head to arrive.
        idle_seconds: life of a connection between two requests.
        stop_seconds: time for the requests in flight once the process stops listening.
        message_bytes: length of one WebSocket message of a client.
        trusted_proxies: addresses and networks whose forwarded headers are trusted.
        configure_logging: called in each process before anything is logged; importable by name.
    """
    config = ServerConfig(
        factory,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http=FastPathProtocol,
        ws=WebSocketServerProtocol,
        ws_max_size=message_bytes,
        ws_per_message_deflate=False,  # its window would take more memory than the connection
        timeout_keep_alive=idle_seconds,
        timeout_graceful_shutdown=stop_seconds,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        access_log=False,
        log_config=None,
    )
    config.header_seconds = header_seconds
    config.on_configure = configure_logging
    config.configure_logging()
    if workers > 1:
        return _supervise(Workers(config, [config.bind_socket()]))
    return _serve_single(uvicorn.Server(config))


class Workers(Multiprocess):
    """Supervisor of the worker processes; a worker that has ended is replaced.

    uvicorn's own would also kill a worker that does not answer within 5 seconds, which a busy
    machine needs to load one, and would ignore signals while it waits for that.
    """

    def keep_subprocess_alive(self) -> None:
        """Replace workers that have ended; stop if one could not start."""
        for index, worker in enumerate(self.processes):
            if worker.process.is_alive():
                continue
            worker.join()
            if worker.exitcode == STARTUP_FAILURE:
                self.should_exit.set()
                return
            self.processes[index] = Process(self.config, self.sockets)
            self.processes[index].start()


def give_up() -> None:
    """End a process that listens but cannot become ready, with exit code 1."""
    global _gave_up  # noqa: PLW0603 - a process has one exit code
    _gave_up = True
    if multiprocessing.parent_process() is not None:
        os._exit(STARTUP_FAILURE)  # the supervisor starts no other one in its place
    signal.raise_signal(signal.SIGTERM)


def _supervise(workers: Workers) -> int:
    workers.run()
    ends = [process.exitcode for process in workers.processes]
    return _COULD_NOT_START if STARTUP_FAILURE in ends else 0


def _serve_single(server: uvicorn.Server) -> int:
    # When it has stopped in order, uvicorn raises the signal again for whoever handled it before.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.run()
    except KeyboardInterrupt:
        return _COULD_NOT_START if _gave_up else 0
    except SystemExit:  # a start that failed, after uvicorn has logged why
        return _COULD_NOT_START
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0 if server.started and not _gave_up else _COULD_NOT_START

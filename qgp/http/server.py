"""Run the application under uvicorn: guarded connections, an orderly stop, exit code 0."""

import contextlib
import signal
from collections.abc import Callable, Sequence

import uvicorn
from uvicorn.supervisors import Multiprocess

from qgp.http.doorway import DoorwayProtocol
from qgp.http.guard import ServerConfig

_COULD_NOT_START = 3


def serve(
    factory: str,
    *,
    host: str,
    port: int,
    workers: int = 1,
    header_seconds: float = 10,
    idle_seconds: int = 5,
    stop_seconds: int = 7,
    trusted_proxies: Sequence[str] = (),
    configure_logging: Callable[[], None] | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT; return the code to exit with.

    Args:
        factory: `module:function` that makes the ASGI application, called in each process.
        host: address to listen at.
        port: port to listen at.
        workers: processes.
        header_seconds: time for a request's head to arrive.
        idle_seconds: life of a connection between two requests.
        stop_seconds: time for the requests in flight once the process stops listening.
        trusted_proxies: addresses and networks whose `X-Forwarded-For` is believed.
        configure_logging: called in each process before anything is logged; importable by name.
    """
    config = ServerConfig(
        factory,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http=DoorwayProtocol,
        ws="none",
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
        return _supervise(Multiprocess(config, [config.bind_socket()]))
    return _serve_here(uvicorn.Server(config))


def _supervise(workers: Multiprocess) -> int:
    workers.run()
    ends = [process.exitcode for process in workers.processes]
    return _COULD_NOT_START if _COULD_NOT_START in ends else 0


def _serve_here(server: uvicorn.Server) -> int:
    # When it has stopped in order, uvicorn raises the signal again for whoever handled it before.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            server.run()
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0 if server.started else _COULD_NOT_START

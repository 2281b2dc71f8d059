"""WebSockets as uvicorn serves them, without its log lines, which hold the client's address."""

import logging
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_log = logging.getLogger("uvicorn.websockets")
_log.setLevel(logging.WARNING)


class WebSocketServerProtocol(WebSocketsSansIOProtocol):
    """Protocol of one WebSocket; the access log has a line for each of its operations."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = self.conn.logger = _log

"""Request head: method and headers, indexed in one pass."""

from starlette.types import Scope


class RequestHead:
    """Method and headers of a request; names are in lower case, as in the ASGI scope."""

    __slots__ = ("_first", "method", "pairs")

    def __init__(self, scope: Scope) -> None:
        self.pairs = list(scope["headers"])
        self._first = dict(reversed(self.pairs))
        self.method: str = scope["method"]

    def get(self, name: bytes, default: str = "") -> str:
        """Return the first header of the name."""
        value = self._first.get(name)
        return default if value is None else value.decode("latin-1")

    def raw(self, name: bytes) -> bytes | None:
        """Return the undecoded first header of the name, or None."""
        return self._first.get(name)

    def count(self, name: bytes) -> int:
        """Return the number of headers of the name."""
        if len(self._first) == len(self.pairs):
            return int(name in self._first)
        return sum(key == name for key, _ in self.pairs)

    def joined(self, name: bytes) -> str:
        """Return all headers of the name joined with commas (RFC 9110, 5.3)."""
        if len(self._first) == len(self.pairs):
            return self.get(name)
        return b", ".join(value for key, value in self.pairs if key == name).decode("latin-1")

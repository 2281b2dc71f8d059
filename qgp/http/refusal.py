"""Requests that never become an operation: wrong method, media type, size or shape.

`Refusal` speaks HTTP (a status and its headers); everything about the operation itself is a
GraphQL error and speaks `extensions.code`.
"""

from collections.abc import Mapping


class Refusal(Exception):
    """The request is answered before GraphQL sees it.

    Args:
        status: HTTP status of the answer.
        message: a full sentence to a person: what happened, what to do.
        code: `extensions.code` of the single error.
        headers: what the status obliges to send along.
        path: names and indexes that lead to the value at fault, outermost first.
        extensions: further entries of the error's extensions.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "BAD_REQUEST",
        headers: Mapping[str, str] | None = None,
        path: tuple[str | int, ...] = (),
        extensions: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}
        self.path = path
        self.extensions = extensions or {}

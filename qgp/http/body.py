"""Request body: read within limits, and parsed strictly as one JSON object."""

import json
import math
import re
from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Any, NoReturn

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from qgp.http.deadline import DeadlineExceeded, within
from qgp.http.http_errors import HttpError
from qgp.http.limits import Limits
from qgp.http.request_head import RequestHead

DIGITS = 100  # of one number: more than any scalar of ours can hold, less than int() takes to burn
_PARAMETERS = 3  # objects that every request may have: itself, `variables`, `extensions`
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_CLOSE = {"Connection": "close"}  # the rest of the body stays unread


def check(head: RequestHead, limits: Limits) -> None:
    """Check the media type, coding and length that the request's head declares for the body.

    Raises:
        HttpError: 413 or 415.
    """
    _check_media_type(head.get(b"content-type"))
    check_coding_and_length(head, limits)


def check_coding_and_length(head: RequestHead, limits: Limits) -> None:
    """Check the coding and length that the request's head declares for the body.

    Raises:
        HttpError: 413 or 415.
    """
    if head.get(b"content-encoding", "identity").lower() != "identity":
        raise HttpError(415, "Send the request uncompressed; no `Content-Encoding` is read.")
    length = head.get(b"content-length")
    if length.isdecimal() and (len(length) > 15 or int(length) > limits.body_bytes):
        raise _too_large(limits)


async def read(receive: Receive, limits: Limits, seconds: float) -> bytes:
    """Read the body of a POST.

    Args:
        seconds: time that remains for it.

    Raises:
        HttpError: 408 or 413.
        ClientDisconnect: the client has hung up.
    """
    try:
        return await within(seconds, _receive(receive, limits))
    except DeadlineExceeded:
        raise HttpError(
            408,
            f"The body did not arrive within {limits.body_seconds:g} seconds. Send it again.",
            headers=_CLOSE,
        ) from None


async def parts(receive: Receive, limits: Limits) -> AsyncIterator[bytes]:
    """Yield the body of a POST as it arrives, up to the part with the first byte too many.

    Raises:
        HttpError: 413.
        ClientDisconnect: the client has hung up.
    """
    length, has_more = 0, True
    while has_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        length += len(part)
        if length > limits.body_bytes:
            raise _too_large(limits)
        has_more = message.get("more_body", False)
        yield part


def parse_object(body: bytes, limits: Limits) -> dict[str, Any]:
    """Parse one JSON object.

    Raises:
        HttpError: 400 with what is wrong.
    """
    value = parse(body, limits)
    if isinstance(value, list):
        raise HttpError(400, "Batching is not supported: send one operation per request.")
    if not isinstance(value, dict):
        raise HttpError(400, "The request body must be a JSON object with a `query`.")
    return value


def parse(body: bytes, limits: Limits) -> Any:
    """Parse JSON strictly: UTF-8, no duplicate keys, no numbers out of range.

    Raises:
        HttpError: 400 with what is wrong.
    """
    try:
        text = body.decode("utf-8")
        if text.startswith("\ufeff"):
            raise HttpError(400, "The request body begins with a byte order mark. Leave it out.")
        _check_lists(text, limits)
        return _Strict(limits.input_values).decode(text)
    except UnicodeDecodeError:
        raise HttpError(400, "The request body is not valid UTF-8. Encode it in UTF-8.") from None
    except RecursionError:
        message = f"The request body is nested too deeply; {limits.json_depth} levels are allowed."
        raise HttpError(400, f"{message} Nest fewer levels.") from None
    except json.JSONDecodeError as error:
        raise HttpError(
            400, f"The request body is not valid JSON: look at character {error.pos}."
        ) from None


@lru_cache(64)
def _check_media_type(content_type: str) -> None:
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    if kind != "application/json":
        raise HttpError(415, "Send the request as `Content-Type: application/json`.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in {"utf-8", "utf8"}:
            raise HttpError(415, "Send the request in UTF-8; no other charset is read.")


async def _receive(receive: Receive, limits: Limits) -> bytes:
    return b"".join([part async for part in parts(receive, limits)])


def _too_large(limits: Limits) -> HttpError:
    return HttpError(
        413,
        f"The request body is longer than {limits.body_bytes:,} bytes. Send less at once.",
        headers=_CLOSE,
    )


def _check_lists(text: str, limits: Limits) -> None:
    """Refuse too many lists before parsing; brackets inside strings do not count."""
    most = limits.input_values
    if text.count("[") > most and _TEXT.sub("", text).count("[") > most:
        raise _too_many("lists", most)


def _too_many(what: str, most: int) -> HttpError:
    message = f"The request body holds more than {most:,} {what}. Send fewer at once."
    return HttpError(400, message)


class _Strict:
    """Strict JSON parser: counts objects and numbers, and refuses what RFC 8259 leaves open.

    Args:
        most: objects and numbers that the text may hold beside the parameters themselves.
    """

    def __init__(self, most: int) -> None:
        self._remaining = most + _PARAMETERS
        self._most = most

    def decode(self, text: str) -> Any:
        """Return the value of a JSON text."""
        decoder = json.JSONDecoder(
            object_pairs_hook=self._unique,
            parse_int=self._integer,
            parse_float=self._number,
            parse_constant=_no_constant,
        )
        return decoder.decode(text)

    def _count(self) -> None:
        self._remaining -= 1
        if self._remaining < 0:
            raise _too_many("objects and numbers", self._most)

    def _unique(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self._count()
        values = dict(pairs)
        if len(values) != len(pairs):
            raise HttpError(
                400, f"The request body names {json.dumps(_duplicate(pairs)[:100])} twice."
            )
        return values

    def _integer(self, text: str) -> int:
        self._count()
        if len(text) > DIGITS:
            raise HttpError(
                400, f"The request body holds a number of more than {DIGITS} digits. Shorten it."
            )
        return int(text)

    def _number(self, text: str) -> float:
        self._count()
        if len(text) > DIGITS or math.isinf(number := float(text)):
            raise HttpError(
                400, "The request body holds a number that is too long or too large. Shorten it."
            )
        return number


def _duplicate(pairs: list[tuple[str, Any]]) -> str:
    """Return the first name that occurs twice."""
    seen = set()
    for name, _ in pairs:
        if name in seen:
            break
        seen.add(name)
    return name


def _no_constant(text: str) -> NoReturn:
    raise HttpError(
        400, f"The request body holds {text}, which is not JSON. Send a number or null."
    )

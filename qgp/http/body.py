"""From the wire to bytes, and from bytes to one JSON object, whatever they are."""

import json
import math
from functools import lru_cache
from typing import Any, NoReturn

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from qgp.http.deadline import Late, within
from qgp.http.head import Head
from qgp.http.limits import Limits
from qgp.http.refusal import Refusal

DIGITS = 100  # of one number: more than any scalar of ours can hold, less than int() takes to burn
_HANG_UP = {"Connection": "close"}  # the rest of the body stays unread


def check(head: Head, limits: Limits) -> None:
    """Look at what the head says of the body.

    Raises:
        Refusal: 413 or 415.
    """
    _check_kind(head.get(b"content-type"))
    _check_form(head, limits)


async def read(receive: Receive, limits: Limits) -> bytes:
    """Read the body of a POST.

    Raises:
        Refusal: 408 or 413.
        ClientDisconnect: the client has hung up.
    """
    try:
        return await within(limits.body_seconds, _whole(receive, limits))
    except Late:
        raise Refusal(
            408,
            f"The request body did not arrive within {limits.body_seconds:g} seconds.",
            headers=_HANG_UP,
        ) from None


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse one JSON object.

    Raises:
        Refusal: 400 with what is wrong.
    """
    value = parse(body)
    if isinstance(value, list):
        raise Refusal(400, "Batching is not supported: send one operation per request.")
    if not isinstance(value, dict):
        raise Refusal(400, "The request body must be a JSON object with a `query`.")
    return value


def parse(body: bytes) -> Any:
    """Parse JSON, strictly: UTF-8, no duplicate keys, no numbers beyond all bounds.

    Raises:
        Refusal: 400 with what is wrong.
    """
    try:
        return _parse(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise Refusal(400, "The request body is not valid UTF-8.") from None
    except RecursionError:
        raise Refusal(400, "The JSON of the request body is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise Refusal(
            400, f"The request body is not valid JSON: {error.msg} at character {error.pos}."
        ) from None


@lru_cache(64)
def _check_kind(given: str) -> None:
    kind, *parameters = (part.strip().lower() for part in given.split(";"))
    if kind != "application/json":
        raise Refusal(415, "Send the request as `Content-Type: application/json`.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in {"utf-8", "utf8"}:
            raise Refusal(415, "Send the request in UTF-8; no other charset is read.")


def _check_form(head: Head, limits: Limits) -> None:
    if head.get(b"content-encoding", "identity").lower() != "identity":
        raise Refusal(415, "Send the request uncompressed; no `Content-Encoding` is read.")
    length = head.get(b"content-length")
    if length.isdecimal() and (len(length) > 15 or int(length) > limits.body_bytes):
        raise _too_large(limits)


async def _whole(receive: Receive, limits: Limits) -> bytes:
    body, goes_on = bytearray(), True
    while goes_on:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        goes_on = message.get("more_body", False)
        if len(body) > limits.body_bytes:
            raise _too_large(limits)
    return bytes(body)


def _too_large(limits: Limits) -> Refusal:
    return Refusal(
        413, f"The request body is longer than {limits.body_bytes:,} bytes.", headers=_HANG_UP
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refusal(400, f"The request body names {json.dumps(_second(pairs)[:100])} twice.")
    return found


def _second(pairs: list[tuple[str, Any]]) -> str:
    """Return the first name that has come before."""
    seen = set()
    for name, _ in pairs:
        if name in seen:
            break
        seen.add(name)
    return name


def _integer(text: str) -> int:
    if len(text) > DIGITS:
        raise Refusal(400, f"The request body holds a number of more than {DIGITS} digits.")
    return int(text)


def _number(text: str) -> float:
    if len(text) > DIGITS or math.isinf(number := float(text)):
        raise Refusal(400, "The request body holds a number that is too long or too large.")
    return number


def _no_constant(text: str) -> NoReturn:
    raise Refusal(400, f"The request body holds {text}, which is not JSON.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_int=_integer,
    parse_float=_number,
    parse_constant=_no_constant,
)


def _parse(text: str) -> Any:
    """Parse as `json.loads` does, with a decoder that is made once."""
    if text.startswith("\ufeff"):
        raise json.JSONDecodeError("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0)
    return _DECODER.decode(text)

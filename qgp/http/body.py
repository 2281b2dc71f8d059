"""From bytes on the wire to one JSON object, whatever the bytes are."""

import asyncio
import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.requests import Request

from qgp.http.limits import Limits
from qgp.http.refusal import Refusal

DIGITS = 100  # of one number: more than any scalar of ours can hold, less than int() takes to burn
_HANG_UP = {"Connection": "close"}  # the rest of the body stays unread


async def read_object(request: Request, limits: Limits) -> dict[str, Any]:
    """Read the body of a POST and return its JSON object.

    Raises:
        Refusal: 400, 408, 413 or 415.
    """
    _check_headers(request.headers, limits)
    return parse_object(await _read(request, limits))


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse one JSON object, strictly: UTF-8, no duplicate keys, no numbers beyond all bounds.

    Raises:
        Refusal: 400 with what is wrong.
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_no_constant,
        )
    except UnicodeDecodeError:
        raise Refusal(400, "The request body is not valid UTF-8.") from None
    except RecursionError:
        raise Refusal(400, "The JSON of the request body is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise Refusal(
            400, f"The request body is not valid JSON: {error.msg} at character {error.pos}."
        ) from None
    if isinstance(value, list):
        raise Refusal(400, "Batching is not supported: send one operation per request.")
    if not isinstance(value, dict):
        raise Refusal(400, "The request body must be a JSON object with a `query`.")
    return value


def _check_headers(headers: Headers, limits: Limits) -> None:
    kind, *parameters = (
        part.strip().lower() for part in headers.get("content-type", "").split(";")
    )
    if kind != "application/json":
        raise Refusal(415, "Send the request as `Content-Type: application/json`.")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in {"utf-8", "utf8"}:
            raise Refusal(415, "Send the request in UTF-8; no other charset is read.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(415, "Send the request uncompressed; no `Content-Encoding` is read.")
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 15 or int(length) > limits.body_bytes):
        raise _too_large(limits)


async def _read(request: Request, limits: Limits) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.body_bytes:
                    raise _too_large(limits)
    except TimeoutError:
        raise Refusal(
            408,
            f"The request body did not arrive within {limits.body_seconds:g} seconds.",
            headers=_HANG_UP,
        ) from None
    return bytes(body)


def _too_large(limits: Limits) -> Refusal:
    return Refusal(
        413, f"The request body is longer than {limits.body_bytes:,} bytes.", headers=_HANG_UP
    )


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Refusal(400, f"The request body names {json.dumps(key[:100])} twice.")
        found[key] = value
    return found


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

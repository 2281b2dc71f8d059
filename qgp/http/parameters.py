"""The four parameters of a GraphQL request, and what may stand in its variables."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from starlette.datastructures import QueryParams

from qgp.http.body import parse_object
from qgp.http.limits import Limits
from qgp.http.refusal import Refusal

Path = tuple[str | int, ...]

# Unicode category Cc without newline and tab, and surrogates that found no partner. A carriage
# return before a newline is part of it.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]|\r(?!\n)")
_NAME = re.compile(r"[_A-Za-z]\w{0,254}", re.ASCII)
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Parameters(NamedTuple):
    """One well-formed request."""

    query: str
    operation_name: str | None
    variables: dict[str, Any]
    extensions: dict[str, Any]

    @property
    def sha256(self) -> str:
        """The document's name in logs and manifests, in hexadecimal."""
        return hashlib.sha256(self.query.encode()).hexdigest()


def from_query_string(given: QueryParams, limits: Limits) -> Parameters:
    """Read the parameters of a GET: `variables` and `extensions` are JSON there.

    Raises:
        Refusal: 400.
    """
    request: dict[str, Any] = dict(given)
    for name in ("variables", "extensions"):
        if text := request.get(name):
            request[name] = parse_object(text.encode("utf-8", "surrogatepass"))
    return from_object(request, limits)


def from_object(request: Mapping[str, Any], limits: Limits) -> Parameters:
    """Read the parameters of a POST body.

    Raises:
        Refusal: 400.
    """
    query = request.get("query")
    if not isinstance(query, str) or not query.strip():
        raise Refusal(400, "Send the GraphQL document as a string in `query`.")
    if UNPRINTABLE.search(query.replace("\r", "\n")):
        raise Refusal(400, "`query` holds a control character or half of a surrogate pair.")
    name = request.get("operationName")
    if not isinstance(name, str | None) or (name and not _NAME.fullmatch(name)):
        raise Refusal(400, "`operationName` must be the name of an operation, or null.")
    variables = _map(request, "variables")
    check(variables, limits)
    return Parameters(query, name or None, variables, _map(request, "extensions"))


def _map(request: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = request.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refusal(400, f"`{name}` must be a JSON object or null.")
    return value


def check(variables: dict[str, Any], limits: Limits) -> None:
    """Look at values that come from outside, before anything reads them.

    Raises:
        Refusal: 400 with the place of what is too long, too deep or unprintable.
    """
    if not variables:
        return
    for path, value in _walk((), variables):
        if problem := _problem(path, value, limits):
            where = ".".join(map(str, path)) or "variables"
            raise _bad_input(f"The value at `{where}` {problem}", path)
    if len(_COMPACT.encode(variables).encode()) > limits.variables_bytes:
        raise _bad_input(f"The variables are longer than {limits.variables_bytes:,} bytes.", ())


def _walk(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """Yield every value, outermost first; the caller stops before it nests too deeply."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _walk((*path, key), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk((*path, index), item)


def _problem(path: Path, value: Any, limits: Limits) -> str | None:
    if isinstance(value, str):
        if UNPRINTABLE.search(value):
            return "holds a control character other than newline and tab. Remove it."
        if len(value) > limits.text_characters:
            return f"is longer than {limits.text_characters:,} characters. Shorten it."
    elif isinstance(value, dict | list):
        if len(path) > limits.json_depth:
            return f"is nested more than {limits.json_depth} levels deep."
        if isinstance(value, list) and len(value) > limits.list_items:
            return f"has {len(value):,} items; {limits.list_items} are allowed. Send fewer at once."
        if isinstance(value, dict) and any(map(UNPRINTABLE.search, value)):
            return "has a name with a control character. Remove it."
    return None


def _bad_input(message: str, path: Path) -> Refusal:
    return Refusal(400, message, code="BAD_USER_INPUT", path=path)

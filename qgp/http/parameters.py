"""Request parameters: query, operation name, variables and extensions, within the limits."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.datastructures import QueryParams

from qgp.http.body import parse_object
from qgp.http.document_limits import too_complex
from qgp.http.http_errors import HttpError
from qgp.http.limits import Limits
from qgp.http.persisted import PersistedDocuments

Path = tuple[str | int, ...]
Location = tuple["Location | None", str | int]  # the innermost name or index last

# Unicode category Cc without newline and tab, and surrogates that found no partner. A carriage
# return before a newline is part of it.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]|\r(?!\n)")
_NAME = re.compile(r"[_A-Za-z]\w{0,254}", re.ASCII)
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Parameters(NamedTuple):
    """Parameters of one well-formed request."""

    query: str
    operation_name: str | None
    variables: dict[str, Any]
    extensions: dict[str, Any]
    hash_to_keep: str | None = None  # of `query`, if the client wants to name it by that

    @property
    def sha256(self) -> str:
        """SHA-256 of the document, in hexadecimal; identifies it in logs and manifests."""
        return hashlib.sha256(self.query.encode()).hexdigest()


def from_query_string(
    query: QueryParams, limits: Limits, persisted: PersistedDocuments
) -> Parameters:
    """Parse the parameters of a GET, whose `variables` and `extensions` are JSON.

    Raises:
        HttpError: 400.
        GraphQLError: the hash of its persisted document is unknown.
    """
    request: dict[str, Any] = dict(query)
    if len(request) != len(query.multi_items()):
        raise HttpError(400, "Send each parameter of the query string once.")
    for name in ("variables", "extensions"):
        if text := request.get(name):
            request[name] = parse_object(text.encode("utf-8", "surrogatepass"), limits)
    return from_object(request, limits, persisted)


def from_object(
    request: Mapping[str, Any], limits: Limits, persisted: PersistedDocuments
) -> Parameters:
    """Parse the parameters of a POST body.

    Raises:
        HttpError: 400.
        GraphQLError: the hash of its persisted document is unknown.
    """
    extensions = _map(request, "extensions")
    check(extensions, limits, "extensions")
    query, digest = persisted.resolve(request.get("query"), extensions)
    if not isinstance(query, str) or not query.strip():
        raise HttpError(400, "Send the GraphQL document as a string in `query`.")
    if UNPRINTABLE.search(query.replace("\r", "\n")):
        raise HttpError(
            400, "`query` holds a control character or half of a surrogate pair. Remove it."
        )
    name = request.get("operationName")
    if not isinstance(name, str | None) or (name and not _NAME.fullmatch(name)):
        raise HttpError(400, "`operationName` must be the name of an operation, or null.")
    variables = _map(request, "variables")
    check(variables, limits)
    return Parameters(query, name or None, variables, extensions, digest)


def _map(request: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = request.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise HttpError(400, f"`{name}` must be a JSON object or null.")
    return value


def check(values: dict[str, Any], limits: Limits, *within: str) -> None:
    """Check the size, depth and characters of JSON values before anything else reads them.

    Args:
        values: JSON values by name.
        within: path of the values.

    Raises:
        HttpError: 400, with the path of a value that is too deep, unprintable or too long; or if
            there are too many values or the variables are too long.
    """
    if not values:
        return
    count, csv_bytes = -1, 0  # the object itself is not counted
    stack: list[tuple[Location | None, int, Any]] = [(None, 0, values)]
    while stack:
        location, depth, value = stack.pop()
        if problem := _problem(depth, value, limits):
            raise _bad_input(problem, (*within, *_path(location)))
        count += 1
        if isinstance(value, str) and len(value) > limits.text_characters:
            csv_bytes += len(_COMPACT.encode(value).encode())  # limited by its field, or refused
        elif isinstance(value, dict | list):
            if count + len(stack) + len(value) > limits.input_values:
                raise _too_many(limits)
            entries = enumerate(value) if isinstance(value, list) else value.items()
            inner = [((location, key), depth + 1, item) for key, item in entries]
            stack += reversed(inner)
    if len(_COMPACT.encode(values).encode()) - csv_bytes > limits.variables_bytes:
        message = f"The variables are longer than {limits.variables_bytes:,} bytes. Send less."
        raise HttpError(400, message, code="BAD_USER_INPUT")


def _path(location: Location | None) -> Path:
    """Return the path of a location, outermost first."""
    path: list[str | int] = []
    while location is not None:
        location, key = location
        path.append(key)
    return tuple(reversed(path))


def _problem(depth: int, value: Any, limits: Limits) -> str | None:
    if isinstance(value, str):
        if UNPRINTABLE.search(value):
            return "holds a control character other than newline and tab. Remove it."
    elif isinstance(value, dict | list):
        if depth > limits.json_depth:
            return f"is nested more than {limits.json_depth} levels deep. Nest fewer levels."
        if isinstance(value, list) and len(value) > limits.list_items:
            return f"has {len(value):,} items; {limits.list_items} are allowed. Send fewer at once."
        if isinstance(value, dict) and any(map(UNPRINTABLE.search, value)):
            return "has a name with a control character. Remove it."
    return None


def _bad_input(problem: str, path: Path) -> HttpError:
    dotted = ".".join(map(str, path)) or "variables"
    return HttpError(400, f"The value at `{dotted}` {problem}", code="BAD_USER_INPUT", path=path)


def _too_many(limits: Limits) -> HttpError:
    error = too_complex("input_values", limits.input_values + 1, limits.input_values)
    return HttpError(400, error.message, code="QUERY_TOO_COMPLEX", extensions=error.extensions)

"""Check that all servers return the same answers before they are compared."""

import http.client
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from bench.database import Stage
from bench.queries import CODE, Query
from bench.servers import Running

_ID = re.compile(
    r"(?:[a-z]{2,6}_)?([0-9a-f]{8})-?([0-9a-f]{4})-?(7[0-9a-f]{3})-?([0-9a-f]{4})-?([0-9a-f]{12})"
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
_OPAQUE = {"cursor", "endCursor"}
_SOME = 5  # sets of variables to compare


class Disagreement(Exception):
    """Two servers answer differently; the text names the first difference."""


def demand(servers: Sequence[Running], queries: Sequence[Query], stage: Stage) -> None:
    """Send all servers the same query and compare the answers.

    Raises:
        Disagreement: with the first difference.
    """
    for query in queries:
        those = [server for server in servers if server.server.answers(query)]
        for values in query.values(stage)[:_SOME] if those else ():
            answers = [_canonical(query, _answer(server, query, values, stage)) for server in those]
            demand_same(query.name, those, answers)


def demand_same(what: str, servers: Sequence[Running], results: Sequence[Any]) -> None:
    """Compare one result of each server.

    Raises:
        Disagreement: with the first difference.
    """
    for server, result in zip(servers[1:], results[1:], strict=True):
        for difference in _differences(results[0], result, what):
            raise Disagreement(f"{servers[0].name} and {server.name} differ: {difference}")


def answer(server: Running, query: Query, values: Any, code: str = CODE) -> Any:
    """Send a query once and return its `data`.

    Raises:
        Disagreement: the answer is no success.
    """
    request = server.dialect.ask(query, values)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Accept": "application/json", **server.callers[0]}
    if request.body:
        headers["Content-Type"] = "application/json"
    try:
        connection.request(request.method, request.path, request.body.replace(CODE, code), headers)
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    if not 200 <= response.status < 300:
        raise Disagreement(f"{server.name}, {query.name}: {response.status} {body[:500]!r}")
    try:
        return server.dialect.read(query, json.loads(body))
    except ValueError as error:
        raise Disagreement(f"{server.name}: {error}") from None


def _answer(server: Running, query: Query, values: Any, stage: Stage) -> Any:
    """Send a query; a created record is deleted, so that the next server can create it."""
    data = answer(server, query, values, code=f"B{0:012d}")
    if query.changes:
        stage.forget()
    return data


def _canonical(query: Query, value: Any, name: str = "", above: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _canonical(query, inner, key, name) for key, inner in value.items()}
    if isinstance(value, list):
        return [_canonical(query, inner, name, above) for inner in value]
    if name in _OPAQUE or (query.changes and name == "id"):
        return "present" if value else "missing"
    if isinstance(value, str):
        if match := _ID.fullmatch(value):
            return "".join(match.groups())
        if _INSTANT.fullmatch(value):
            return datetime.fromisoformat(value).timestamp()
    return value


def _differences(one: Any, other: Any, path: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one.keys() | other.keys():
            pair = one.get(key, "no such key"), other.get(key, "no such key")
            yield from _differences(*pair, f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other, list):
        for place, (left, right) in enumerate(zip_longest(one, other, fillvalue="no such item")):
            yield from _differences(left, right, f"{path}[{place}]")
    elif type(one) is not type(other) or one != other:
        yield f"{path} is {str(one)[:200]!r} and {str(other)[:200]!r}"

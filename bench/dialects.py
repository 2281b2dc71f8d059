"""Requests and answers of each kind of server."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.queries import Query, with_ids

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Request:
    """One HTTP request, before its headers."""

    method: str
    path: str
    body: str = ""

    def raw(self, port: int, headers: Mapping[str, str]) -> bytes:
        """Return the request as it goes over the wire."""
        body = self.body.encode()
        lines = {"Host": f"127.0.0.1:{port}", "Accept": "application/json", **headers}
        if body:
            lines |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"{self.method} {self.path} HTTP/1.1\r\n{head}\r\n".encode() + body


@dataclass(frozen=True)
class Dialect:
    """A way to put the same question.

    Attributes:
        ask: makes the request.
        read: takes what stands under `data` out of the parsed body.
    """

    ask: Callable[[Query, Mapping[str, Any]], Request]
    read: Callable[[Query, Any], Any]


def _posted(folder: Path, name: str, variables: Mapping[str, Any]) -> Request:
    name = name.partition("-")[0]  # the same document may be asked with other values
    document = " ".join((folder / f"{name}.graphql").read_text().split())
    body = {"query": document, "operationName": name, "variables": variables}
    return Request("POST", "/graphql", json.dumps(body))


def _data(query: Query, body: Any) -> Any:
    if body.get("errors"):
        raise ValueError(f"{query.name} is answered with {body['errors'][:1]}")
    return body["data"]


def _read_postgraphile(query: Query, body: Any) -> Any:
    """PostGraphile reports what went wrong at the top alone: its payloads have no errors."""
    data = _data(query, body)
    return {query.field: data[query.field] | {"errors": []}} if query.changes else data


def _ask_ours(query: Query, values: Mapping[str, Any]) -> Request:
    variables = with_ids(values, lambda key: f"{key.prefix}_{key.value.hex}")
    return _posted(HERE / "documents", query.name, variables)


def _ask_with_keys(query: Query, values: Mapping[str, Any]) -> Request:
    variables = with_ids(values, lambda key: str(key.value))
    return _posted(HERE / "documents", query.name, variables)


def _ask_graphql(query: Query, values: Mapping[str, Any]) -> Request:
    return _posted(HERE / "documents", query.name, _without_keys(values))


def _without_keys(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables for a server that stores no idempotency keys."""
    variables: dict[str, Any] = with_ids(values, lambda key: str(key.value))
    for input in variables.values():
        if isinstance(input, dict):
            input.pop("idempotencyKey", None)
    return variables


def _ask_postgraphile(query: Query, values: Mapping[str, Any]) -> Request:
    """PostGraphile's schema is the tables': aliases in its own documents shape the answers."""
    variables = _without_keys(values)
    if input := variables.get("input"):
        variables = {"input": {"finding": input}}
    return _posted(HERE / "peers/postgraphile", query.name, variables)


_ROUTES = {
    "Q1": "/clause-assessments/{id}",
    "Q2": "/standards?first=50",
    "Q3": "/clauses?first=1000",
    "Q4": "/clause-assessments?first=50&{query}",
    "Q6": "/typename",
}


def _ask_rest(query: Query, values: Mapping[str, Any]) -> Request:
    variables = _without_keys(values)
    if query.changes:
        return Request("POST", "/findings", json.dumps(variables["input"]))
    path = _ROUTES[query.name].format(**variables, query=urlencode(variables))
    return Request("GET", path)


OURS = Dialect(_ask_ours, _data)
GRAPHQL = Dialect(_ask_graphql, _data)
SAME_ROWS = Dialect(_ask_with_keys, _data)
POSTGRAPHILE = Dialect(_ask_postgraphile, _read_postgraphile)
REST = Dialect(_ask_rest, lambda query, body: {query.field: body})

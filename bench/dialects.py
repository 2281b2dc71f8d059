"""Requests and answers of each kind of server."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench.queries import Id, Query

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


def _spelled(value: Any, spell: Callable[[Id], str]) -> Any:
    if isinstance(value, Id):
        return spell(value)
    if isinstance(value, Mapping):
        return {name: _spelled(inner, spell) for name, inner in value.items()}
    return value


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
    variables = _spelled(values, lambda key: f"{key.prefix}_{key.value.hex}")
    return _posted(HERE / "documents", query.name, variables)


def _ask_graphql(query: Query, values: Mapping[str, Any]) -> Request:
    variables = _spelled(values, lambda key: str(key.value))
    return _posted(HERE / "documents", query.name, variables)


def _ask_postgraphile(query: Query, values: Mapping[str, Any]) -> Request:
    """PostGraphile's schema is the tables': aliases in its own documents shape the answers."""
    variables = _spelled(values, lambda key: str(key.value))
    if input := variables.get("input"):
        variables = {"input": {"site": input}}
    return _posted(HERE / "peers/postgraphile", query.name, variables)


_ROUTES = {
    "Q1": "/clause-assessments/{id}",
    "Q2": "/standards?first=50",
    "Q3": "/clauses?first=1000",
    "Q4": "/clause-assessments?first=50&{query}",
    "Q6": "/typename",
}


def _ask_rest(query: Query, values: Mapping[str, Any]) -> Request:
    variables = _spelled(values, lambda key: str(key.value))
    if query.changes:
        return Request("POST", "/sites", json.dumps(variables["input"]))
    path = _ROUTES[query.name].format(**variables, query=urlencode(variables))
    return Request("GET", path)


OURS = Dialect(_ask_ours, _data)
GRAPHQL = Dialect(_ask_graphql, _data)
POSTGRAPHILE = Dialect(_ask_postgraphile, _read_postgraphile)
REST = Dialect(_ask_rest, lambda query, body: {query.field: body})

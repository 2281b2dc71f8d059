"""What graphql-cop looks for, asked of a running server without a token."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

JSON = {"Content-Type": "application/json"}


class Reply(NamedTuple):
    """Status, headers and body of an answer."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body as JSON; None where it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @property
    def data(self) -> Mapping[str, Any]:
        """What was executed."""
        data_of_response = self.json.get("data") if isinstance(self.json, dict) else None
        return data_of_response if isinstance(data_of_response, dict) else {}

    @property
    def messages(self) -> str:
        """The errors, as one text."""
        errors = self.json.get("errors", []) if isinstance(self.json, dict) else []
        return " ".join(str(error.get("message")) for error in errors)


def send(
    url: str, body: bytes | None, headers: Mapping[str, str] = JSON, method: str | None = None
) -> Reply:
    """Send a request and return its answer, whatever its status."""
    request = urllib.request.Request(url, body, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return Reply(answer.status, dict(answer.headers), answer.read().decode())
    except urllib.error.HTTPError as refused:
        return Reply(refused.code, dict(refused.headers), refused.read().decode())


def post(url: str, query: str, **headers: str) -> Reply:
    """Send a document as clients do."""
    return send(url, json.dumps({"query": query}).encode(), {**JSON, **headers})


def by_get(url: str, query: str) -> Reply:
    """Send a document in the address."""
    return send(f"{url}?{urlencode({'query': query})}", None, {})


def as_form(url: str, query: str) -> Reply:
    """Send a document as a form does, without a preflight."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return send(url, urlencode({"query": query}).encode(), kind)


def _introspection(url: str) -> bool:
    return "__schema" in post(url, "query cop { __schema { types { name } } }").data


def _circular(url: str) -> bool:
    nested = "name"
    for _ in range(6):
        nested = f"fields {{ type {{ {nested} }} }}"
    return "__schema" in post(url, f"query cop {{ __schema {{ types {{ {nested} }} }} }}").data


def _ide(url: str) -> bool:
    root = url.removesuffix("/graphql")
    paths = ("/graphql", "/graphql/ide", "/graphiql", "/playground", "/console", "/")
    pages = (send(root + path, None, {"Accept": "text/html"}) for path in paths)
    return any("graphiql" in page.text.lower() for page in pages if page.status == 200)


def _batch(url: str) -> bool:
    body = json.dumps([{"query": "query cop { __typename }"}] * 10).encode()
    return isinstance(send(url, body).json, list)


def _traced(url: str) -> bool:
    answer = post(url, "query cop { __typename }", **{"X-Apollo-Tracing": "1"})
    return "tracing" in (answer.json or {}).get("extensions", {})


FINDINGS: Mapping[str, Callable[[str], bool]] = {
    "introspection": _introspection,
    "circular introspection": _circular,
    "IDE": _ide,
    "array batching": _batch,
    "tracing": _traced,
    "field suggestions": lambda url: (
        "did you mean" in post(url, "query cop { serverInf { version } }").messages.lower()
    ),
    "alias overloading": lambda url: (
        "a100"
        in post(url, f"query cop {{ {' '.join(f'a{n}: __typename' for n in range(101))} }}").data
    ),
    "field duplication": lambda url: bool(post(url, f"query cop {{ {'__typename ' * 500} }}").data),
    "directive overloading": lambda url: (
        post(url, f"query cop {{ __typename {'@aa' * 10} }}").messages.count("@aa") >= 10
    ),
    "queries by GET": lambda url: bool(by_get(url, "query cop { __typename }").data),
    "mutations by GET": lambda url: bool(by_get(url, "mutation cop { __typename }").data),
    "forms": lambda url: bool(as_form(url, "query cop { __typename }").data),
    "unhandled errors": lambda url: "exception" in post(url, "query cop { abc }").text.lower(),
}


def findings(url: str) -> list[str]:
    """Return what was found."""
    return [name for name, is_found in FINDINGS.items() if is_found(url)]

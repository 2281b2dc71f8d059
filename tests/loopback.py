"""Requests to a server in a process of its own, on a port of this machine."""

from typing import Any

import httpx2

_SECONDS = 20


def get(port: int, path: str, **headers: str) -> httpx2.Response:
    """Send GET; raise httpx2.TransportError where nobody listens."""
    # Without TLS: else each request reads the certificates of all authorities, for 25 ms.
    url = f"http://127.0.0.1:{port}{path}"
    return httpx2.get(url, headers=headers, timeout=_SECONDS, verify=False)


def ask(port: int, document: str, token: str = "", **variables: Any) -> httpx2.Response:
    """Send a GraphQL operation, as the user of the token if there is one."""
    return httpx2.post(
        f"http://127.0.0.1:{port}/graphql",
        json={"query": document, "variables": variables},
        headers={"authorization": f"Bearer {token}"} if token else {},
        timeout=_SECONDS,
        verify=False,
    )

"""HTTP methods of the GraphQL endpoint, and the operations that each of them executes."""

from collections.abc import Sequence

from strawberry.types.graphql import OperationType

from qgp.http.http_errors import HttpError
from qgp.http.schema import EXECUTED

BY_METHOD = {"POST": EXECUTED, "GET": frozenset({OperationType.QUERY})}


def method_not_allowed(methods: Sequence[str]) -> HttpError:
    """Return the error for a method that the endpoint does not serve."""
    allow = ", ".join(methods)
    message = f"This address answers {allow} only; GET with a token, for queries."
    return HttpError(405, message, headers={"Allow": allow})


def operation_type_error(kind: OperationType) -> HttpError:
    """Return the error for an operation that the method of the request does not execute."""
    code = "OPERATION_RESOLUTION_FAILURE"
    if kind is OperationType.SUBSCRIPTION:
        return HttpError(
            400,
            "A subscription needs a connection that stays open. Accept `text/event-stream`, or "
            "send it over a WebSocket with the subprotocol graphql-transport-ws.",
            code=code,
        )
    return HttpError(405, "Send a mutation by POST.", code=code, headers={"Allow": "POST"})

"""Service for commands that keep a GraphQL query and execute it later, on behalf of a user."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qgp.kit.policy import Principal


@dataclass(frozen=True)
class StoredDocuments:
    """Check and execution of queries whose only required variable is the id of a record.

    Attributes:
        check: takes the text; raises Invalid, without a path, where it is not such a query, or
            would be refused from a client.
        execute: takes the user, the text and the id; returns `data` and, after errors, `errors`, as
            a client would receive them.
    """

    check: Callable[[str], None]
    execute: Callable[[Principal, str, str], Awaitable[Mapping[str, Any]]]

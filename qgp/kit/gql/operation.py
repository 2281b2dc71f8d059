"""A validated operation of a document, and the result of a planned operation."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    OperationType,
)


@dataclass(frozen=True, eq=False)
class Operation:
    """A valid operation within the limits; the same object for the same document and name.

    Attributes:
        text: the document.
        node: the operation that runs.
        sha256: hash of the document in logs, in hexadecimal.
    """

    text: str
    document: DocumentNode
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    sha256: str

    @property
    def name(self) -> str | None:
        """The operation's own name."""
        return self.node.name.value if self.node.name else None

    @cached_property
    def is_mutation(self) -> bool:
        """Whether it is a mutation."""
        return self.node.operation is OperationType.MUTATION

    @cached_property
    def log_fields(self) -> Mapping[str, str | None]:
        """Its fields of the access log."""
        return {
            "operation_type": self.node.operation.value,
            "operation_name": self.name,
            "document_hash": self.sha256,
        }

    @cached_property
    def reads_nothing(self) -> bool:
        """Whether it selects nothing but `__typename`, as health checks of clients do."""
        return all(
            isinstance(part, FieldNode) and part.name.value == "__typename"
            for part in self.node.selection_set.selections
        )


class Answered(NamedTuple):
    """Result of a planned operation.

    Attributes:
        data: the JSON of `data`; None where resolvers have to execute it.
        statements: number of SQL statements that were sent for it, or shared with others.
        extensions: entries of `extensions`, beside `cost`.
    """

    data: bytes | None
    statements: int = 0
    extensions: Mapping[str, Any] = MappingProxyType({})

"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.kit.gql import described
from qgp.processes.terms import ProcessKind

__all__ = ["ProcessKind"]

described(ProcessKind, "What a process is for.")

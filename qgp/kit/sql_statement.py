"""Compiled SQL: text with numbered parameters, and the name of each parameter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.compiler import ExpandedState

from qgp.kit.access import within_organization

_DIALECT: sa.Dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class SqlStatement:
    """Compiled SQL.

    Attributes:
        names: the name of each numbered parameter, in order.
        constants: values of the parameters that are the same in every request.
        is_guarded: whether it returns rows only if the sign-ins of the execution are in force.
    """

    text: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]
    is_guarded: bool = False

    def arguments(self, parameters: Mapping[str, Any]) -> list[Any]:
        """Return the values of the numbered parameters, in order."""
        constants = self.constants
        return [constants[name] if name in constants else parameters[name] for name in self.names]


def compile_statement(statement: sa.Select[Any], *, is_guarded: bool = False) -> SqlStatement:
    """Compile a statement, limited to the caller's organization.

    Lists of constants, as in `column.in_(…)`, become a parameter for each of their values.
    """
    compiled = within_organization(statement).compile(dialect=_DIALECT)
    unbound = {name: None for name, bind in compiled.binds.items() if bind.value is None}
    expanded = compiled.construct_expanded_state(unbound)
    names = tuple(expanded.positiontup or ())
    constants = {name: _driver_value(expanded, name) for name in names if name not in unbound}
    return SqlStatement(expanded.statement, names, constants, is_guarded)


def _driver_value(expanded: ExpandedState, name: str) -> Any:
    """Return a constant as the driver takes it."""
    value, process = expanded.parameters[name], expanded.processors.get(name)
    return value if process is None else process(value)

"""A statement as the driver takes it: text with numbered parameters, and where each comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.sql.compiler import ExpandedState

from qgp.engine.access import within_organization

_DIALECT: sa.Dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class SqlStatement:
    """Compiled SQL.

    Attributes:
        names: the parameter of each number, in order.
        constants: values of the parameters that no request decides.
        is_gate: returns rows only if the log-in is in force.
    """

    text: str
    names: tuple[str, ...]
    constants: Mapping[str, Any]
    is_gate: bool = False

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """Return what to send with the text."""
        constants = self.constants
        return [constants[name] if name in constants else values[name] for name in self.names]


def compile_statement(statement: sa.Select[Any], *, is_gate: bool = False) -> SqlStatement:
    """Compile a statement within the walls of the caller's organization.

    Lists of constants, as in `column.in_(…)`, become a parameter for each of their values.
    """
    made = within_organization(statement).compile(dialect=_DIALECT)
    open_ = {name: None for name, bind in made.binds.items() if bind.value is None}
    whole = made.construct_expanded_state(open_)
    names = tuple(whole.positiontup or ())
    constants = {name: _sent(whole, name) for name in names if name not in open_}
    return SqlStatement(whole.statement, names, constants, is_gate)


def _sent(whole: ExpandedState, name: str) -> Any:
    """Return a constant as the driver takes it."""
    value, process = whole.parameters[name], whole.processors.get(name)
    return value if process is None else process(value)

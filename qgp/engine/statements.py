"""A statement as the driver takes it: text with numbered parameters, and where each comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg

from qgp.engine.access import walled

_DIALECT: sa.Dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Statement:
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


def compiled(statement: sa.Select[Any], *, is_gate: bool = False) -> Statement:
    """Compile a statement within the walls of the caller's organization."""
    made = walled(statement).compile(dialect=_DIALECT)
    names = tuple(made.positiontup or ())
    constants = {
        name: _sent(made.binds[name]) for name in names if made.binds[name].value is not None
    }
    return Statement(str(made), names, constants, is_gate)


def _sent(bind: sa.BindParameter[Any]) -> Any:
    """Return a constant as the driver takes it."""
    process = bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
    return bind.value if process is None else process(bind.value)

"""One execution of a program on a connection."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from qgp.engine.access import caller_parameters
from qgp.engine.arguments import BoundArguments, LookupArguments, PageArguments
from qgp.engine.read_connections import ReadConnection
from qgp.engine.session_freshness import SessionStamp
from qgp.engine.sql_statement import SqlStatement
from qgp.kit import statement_counter
from qgp.kit.policy import Principal
from qgp.kit.statement_counter import SentStatement


class Execution:
    """Sends the statements of one program, with the values of the request.

    Args:
        standings: log-ins that have to be in force.

    Attributes:
        sent: the statements so far.
        is_shown: whether a row has shown that the log-ins are in force.
    """

    def __init__(
        self,
        connection: ReadConnection,
        caller: Principal,
        bound: Sequence[BoundArguments],
        standings: Sequence[SessionStamp] = (),
    ) -> None:
        self._lane, self._bound = connection, bound
        self._values: dict[str, Any] = caller_parameters(caller)
        self._values["log_ins"] = [standing.log_in for standing in standings]
        self._values["stamps"] = [standing.stamp for standing in standings]
        for one in bound:
            self._values.update(one.values)
        self.sent: list[SentStatement] = []
        self.is_shown = False

    async def fetch(self, statement: SqlStatement, **values: Any) -> Sequence[Sequence[Any]]:
        """Run a statement with the values of the request and these."""
        arguments = statement.arguments(self._values | values if values else self._values)
        begun = perf_counter()
        rows = await self._lane.fetch(statement.text, arguments)
        statement_counter.add()
        self.sent.append(SentStatement(statement.text, len(rows), (perf_counter() - begun) * 1000))
        self.is_shown = self.is_shown or (statement.is_gate and bool(rows))
        return rows

    def page(self, place: int) -> PageArguments:
        """Return the arguments of a register."""
        found = self._bound[place]
        assert isinstance(found, PageArguments)
        return found

    def key(self, place: int) -> Any:
        """Return the key that the arguments of a look-up name."""
        found = self._bound[place]
        assert isinstance(found, LookupArguments)
        return found.key

"""One execution of a compiled query on a read connection."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from qgp.engine.arguments import BoundArguments, LookupArguments, PageArguments
from qgp.engine.kept_totals import KeptTotals, kept_parameter, parse_counted
from qgp.engine.read_connections import ReadConnection
from qgp.engine.session_freshness import SessionStamp
from qgp.kit import statement_counter
from qgp.kit.access import caller_parameters
from qgp.kit.policy import Principal
from qgp.kit.sql_statement import SqlStatement
from qgp.kit.statement_counter import SentStatement


class Execution:
    """Sends the statements of one compiled query with the parameters of the request.

    Args:
        arguments: the arguments of the request, by their index in the plan.
        sessions: the sign-ins that must be in force.
        confirmed: the snapshot in which all of them were in force; empty without one.
        totals: the kept totals of the query; None if each caller may have others.

    Attributes:
        sent: the statements sent so far.
        is_session_confirmed: whether a row of a guarded statement has shown that the sign-ins are
            in force.
        session_snapshot: the snapshot of that statement; None if it is the confirmed one.
    """

    def __init__(
        self,
        connection: ReadConnection,
        caller: Principal,
        arguments: Sequence[BoundArguments],
        sessions: Sequence[SessionStamp] = (),
        confirmed: str = "",
        totals: KeptTotals | None = None,
    ) -> None:
        self._connection, self._arguments = connection, arguments
        self._parameters: dict[str, Any] = caller_parameters(caller)
        self._parameters["session_ids"] = [session.session_id for session in sessions]
        self._parameters["session_stamps"] = [session.stamp for session in sessions]
        self._parameters["session_snapshot"] = confirmed
        self._totals = KeptTotals() if totals is None else totals
        self._kept = [self._totals.at(index) for index in range(len(arguments))]
        for index, each in enumerate(arguments):
            self._parameters.update(each.parameters)
            self._parameters[kept_parameter(index)] = self._kept[index][0]
        self.sent: list[SentStatement] = []
        self.is_session_confirmed = False
        self.session_snapshot: str | None = None

    async def fetch(self, statement: SqlStatement, **parameters: Any) -> Sequence[Sequence[Any]]:
        """Run a statement with the parameters of the request and these."""
        values = self._parameters | parameters if parameters else self._parameters
        arguments = statement.arguments(values)
        started = perf_counter()
        rows = await self._connection.fetch(statement.text, arguments)
        statement_counter.add()
        milliseconds = (perf_counter() - started) * 1000
        self.sent.append(SentStatement(statement.text, len(rows), milliseconds))
        if statement.is_guarded and rows:
            self.is_session_confirmed, self.session_snapshot = True, rows[0][-1]
        return rows

    def total(self, index: int, counted: str | None) -> int:
        """Return the total of a listing, the kept one unless a statement has counted again."""
        if counted is not None:
            self._kept[index] = parse_counted(counted)
            self._totals.keep(index, self._kept[index])
        return self._kept[index][1]

    def page_arguments(self, index: int) -> PageArguments:
        """Return the arguments of a listing."""
        arguments = self._arguments[index]
        assert isinstance(arguments, PageArguments)
        return arguments

    def lookup_key(self, index: int) -> Any:
        """Return the key of the record that the arguments identify."""
        arguments = self._arguments[index]
        assert isinstance(arguments, LookupArguments)
        return arguments.key

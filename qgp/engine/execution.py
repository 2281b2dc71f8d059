"""One execution of a program on a lane."""

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from qgp.engine.access import parameters_of
from qgp.engine.arguments import Bound, LookUpArguments, PageArguments
from qgp.engine.lanes import Lane
from qgp.engine.standings import Standing
from qgp.engine.statements import Statement
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
        lane: Lane,
        caller: Principal,
        bound: Sequence[Bound],
        standings: Sequence[Standing] = (),
    ) -> None:
        self._lane, self._bound = lane, bound
        self._values: dict[str, Any] = parameters_of(caller)
        self._values["log_ins"] = [standing.log_in for standing in standings]
        self._values["stamps"] = [standing.stamp for standing in standings]
        for one in bound:
            self._values.update(one.values)
        self.sent: list[SentStatement] = []
        self.is_shown = False

    async def fetch(self, statement: Statement, **values: Any) -> Sequence[Sequence[Any]]:
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
        assert isinstance(found, LookUpArguments)
        return found.key

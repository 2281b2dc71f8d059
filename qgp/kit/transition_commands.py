"""Commands of transitions: load the record, set the columns of the inputs, move the record."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from qgp.kit.model import Record
from qgp.kit.work import Work
from qgp.kit.workflow import Workflow


@dataclass(frozen=True)
class TransitionCommand:
    """Service function of a transition's mutation.

    Attributes:
        workflow: of the record.
        name: of the transition.
    """

    workflow: Workflow
    name: str

    async def __call__(
        self, work: Work, *, id: UUID, expected_version: int, **inputs: Any
    ) -> Record:
        """Take the transition.

        Raises:
            NotFound: there is no such record, or it is hidden from the caller.
            StaleVersion: it has another version than the caller expected.
            TransitionNotAllowed, Invalid: see `Work.move`.
        """
        row: Any = await self.workflow.load(work, id, expected_version)
        transition = self.workflow.transitions[self.name]
        if transition.service is not None:
            return await transition.service(work, row, **inputs)
        reason = inputs.pop("reason", None)
        for part in transition.inputs:
            value = inputs.get(part.name)
            reason = value if part.is_reason else reason
            if value is not None:
                setattr(row, part.column or part.name, value)
        moved: Record = await work.move(row, self.name, reason=reason)
        return moved

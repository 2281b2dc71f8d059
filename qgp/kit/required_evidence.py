"""Evidence that a closed record requires, declared beside the workflow that closes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.model import records


@dataclass(frozen=True, eq=False)
class RequiredEvidence:
    """Evidence about one kind of record that cannot be withdrawn while a closed record requires it.

    Attributes:
        prefix: of the subject of the evidence.
        is_last: returns the condition that a row of evidence is the last required one.
        reopening: clause of the message about the remedy: "reopen the CAPA (capaReopen)".
        closed: selects the record that may be closed on evidence about the subject with an id.
    """

    prefix: str
    is_last: Callable[[Any], sa.ColumnElement[bool]]
    reopening: str
    closed: Callable[[UUID], sa.Select[Any]]

    @staticmethod
    def by_prefix() -> Mapping[str, "RequiredEvidence"]:
        """Return the required evidence of all workflows, by the prefix of the subject."""
        workflows = (getattr(model, "workflow", None) for model in records().values())
        return {
            required.prefix: required
            for workflow in workflows
            if workflow is not None
            for required in workflow.requires_evidence
        }

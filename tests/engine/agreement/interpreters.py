"""The two interpreters, each an application of its own over the same database."""

from enum import StrEnum

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp.app import Application
from qgp.settings import Settings

CAN_PLAN = "planned_reads" in Settings.model_fields
OWN_HEADERS = frozenset[str]()  # that tell how an answer was made, and may differ


class Way(StrEnum):
    """How an answer was made."""

    PLANNED = "planned"
    PARTLY = "partly planned"
    REFERENCE = "by the reference"


def interpreters(found: Settings, engine: AsyncEngine) -> tuple[Application, Application]:
    """Return the reference and the planned, which differ in nothing else."""
    reference, planned = (
        Application.of(found.model_copy(update={"planned_reads": is_on}), engine)
        for is_on in (False, True)
    )
    return reference, planned


def how(response: httpx2.Response) -> Way:
    """Return how the planned side made an answer."""
    return Way.REFERENCE

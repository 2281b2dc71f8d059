"""Texts of calendar entries, by the kind of their dates."""

from collections.abc import Mapping
from typing import NamedTuple

CALENDAR_NAME = "Quality: {organization}"


class EntryText(NamedTuple):
    """Words of an entry.

    Attributes:
        label: the days, before the reference of the record.
        category: the kind of record.
    """

    label: str
    category: str


ENTRIES: Mapping[str, EntryText] = {
    "Audit.planned": EntryText("Audit", "Audit"),
    "Finding.response-due": EntryText("Response to finding due", "Finding"),
    "Finding.closure-due": EntryText("Closure of finding due", "Finding"),
    "Finding.accepted": EntryText("Concession expires", "Finding"),
    "Capa.due": EntryText("CAPA due", "CAPA"),
    "Capa.effectiveness-due": EntryText("Effectiveness review due", "CAPA"),
    "Action.due": EntryText("Action due", "Action"),
    "ClauseAssessment.target": EntryText("Implementation due", "Clause assessment"),
    "EvidenceItem.expires": EntryText("Evidence expires", "Evidence"),
    "AuditProgramme.period-start": EntryText("Audit programme begins", "Audit programme"),
    "AuditProgramme.period-end": EntryText("Audit programme ends", "Audit programme"),
}

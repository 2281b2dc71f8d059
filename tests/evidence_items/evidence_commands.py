"""Commands that the tests of evidence share."""

from typing import Any

from tests.company import Client
from tests.standards import standard_commands

ITEM = """evidenceItem { id version reference title kind url confidentiality effectiveOn
    withdrawnAt withdrawalReason viewerCanUpdate viewerCanWithdraw collectedBy { id }
    subject { id } record { id } }"""
LINK = "evidenceLink { id version status strength polarity decidedBy { id } clause { id } }"
WHOLE = {
    "title": "Photo of the label",
    "kind": "LINK",
    "url": "https://files.example/label.jpg",
    "effectiveOn": "2026-11-20",
}


async def collect(api: Client, about: str, **values: Any) -> Any:
    """Collect evidence, which must succeed."""
    payload = await api.do("evidenceItemCreate", ITEM, subjectId=about, **{**WHOLE, **values})
    assert payload["errors"] == [], payload
    return payload["evidenceItem"]


async def clauses(api: Client, *numbers: str) -> list[str]:
    """Write a standard and return the ids of its clauses."""
    standard = await standard_commands.write(api, *numbers)
    return [await standard_commands.clause(api, standard, number) for number in numbers]


async def link(api: Client, item: Any, clause_id: str, **values: Any) -> Any:
    """Say what evidence says about a clause, which must succeed."""
    ends = {"evidenceId": item["id"], "clauseId": clause_id}
    values = {"polarity": "SUPPORTS", **values}
    payload = await api.do("evidenceLinkCreate", LINK, **ends, **values)
    assert payload["errors"] == [], payload
    return payload["evidenceLink"]

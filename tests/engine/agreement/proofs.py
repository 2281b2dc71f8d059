"""Evidence of both kinds, in every state, with and without whatever it can have."""

from datetime import date, timedelta
from typing import Any

from qgp.kit.policy import Role

SECRECY = ("PUBLIC", "INTERNAL", "CONFIDENTIAL", "INTERNAL")
DAY = date(2026, 10, 30)
SUBJECTS = """{ findings(first: 5) { nodes { id } } capas(first: 5) { nodes { id } }
    actions(first: 5) { nodes { id } } audits(first: 5) { nodes { id } } }"""
Facts = dict[str, Any]


async def evidence(filling: Any, count: int) -> None:
    """Collect evidence about records of each kind in turn, and link every other piece."""
    known = await filling.api.ask(SUBJECTS)
    about = [row["id"] for page in known.values() for row in page["nodes"]]
    clauses = [id for id in filling.ids.values() if id.startswith("cls_")]
    judge = await filling.company.hire(Role.LEAD_AUDITOR, name=filling.text())
    async with judge.signed_in() as api:
        judging = type(filling)(api, filling.company)
        for number in range(count):
            made = await filling.make("evidenceItemCreate", "evidenceItem",
                                      **_facts(filling, number, about))  # fmt: skip
            filling.ids["evidence"] = made["id"]
            for clause in clauses[: number % 3]:
                await _link(filling, judging, made["id"], clause, number)
            if number % 5 == 4:
                await _change(filling, "evidenceItem", "Withdraw", made, reason=filling.text())
            elif number % 5 == 3:
                await _change(filling, "evidenceItem", "Update", made, title=filling.text())


async def photo(filling: Any, subject: str) -> None:
    """Collect evidence that does not matter beyond being there."""
    what = {"title": filling.text(), "kind": "LINK", "url": "https://files.example/photo"}
    given = {"subjectId": subject, "effectiveOn": str(DAY), **what}
    await filling.make("evidenceItemCreate", "evidenceItem", **given)


def _facts(filling: Any, number: int, about: list[str]) -> Facts:
    facts: Facts = {"title": filling.text(), "confidentiality": SECRECY[number % 4]}
    facts |= {"subjectId": about[number % len(about)]}
    facts |= {"effectiveOn": str(DAY + timedelta(days=number % 3))}
    if number % 2:
        days = {"periodStartOn": "2026-09-01", "periodEndOn": "2026-09-30"}
        facts |= {"description": filling.text(), "expiresOn": "2027-01-31", **days}
    if number % 3:
        return facts | {"kind": "LINK", "url": f"https://files.example/{number}?a=b&c=%20"}
    return facts | {"kind": "RECORD", "recordId": about[(number + 1) % len(about)]}


async def _link(filling: Any, judging: Any, item: str, clause: str, number: int) -> None:
    """Link evidence to a clause, and let it be decided on, or not."""
    way = ("SUPPORTS", "CONTRADICTS")[number % 2]
    given: Facts = {"evidenceId": item, "clauseId": clause, "polarity": way}
    note = {"note": filling.text()} if number % 4 else {}
    made = await filling.make("evidenceLinkCreate", "evidenceLink", **given, **note)
    if number % 4 == 1:
        await _change(judging, "evidenceLink", "Confirm", made)
    elif number % 4 == 2:
        await _change(judging, "evidenceLink", "Reject", made, reason=filling.text())


async def _change(filling: Any, kind: str, how: str, made: Any, **given: Any) -> None:
    where = {"id": made["id"], "expectedVersion": made["version"]}
    await filling.make(f"{kind}{how}", kind, **where, **given)

"""What evidence says about clauses: proposed by one, decided by another."""

import random
from typing import Any

import pytest

from qgp.evidence.model import (
    EvidenceItem,
    EvidenceKind,
    EvidenceLink,
)
from qgp.kit import clock, ids
from qgp.kit.errors import TransitionNotAllowed
from qgp.kit.policy import EVERYONE, Principal, Role
from qgp.kit.transitions import GuardContext
from qgp.kit.visibility import Readable
from tests import factories
from tests.comments.comment_commands import at, code, task
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.evidence_items.evidence_commands import LINK, clauses, collect, link
from tests.matrix import role_cases

SOME = 10  # lives, which meet everything
JUDGES = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER, Role.LEAD_AUDITOR, Role.AUDITOR}
TABLE = {
    "evidenceLinkConfirm": ({"PROPOSED", "REJECTED"}, "CONFIRMED"),
    "evidenceLinkReject": ({"PROPOSED", "CONFIRMED"}, "REJECTED"),
}
OFFERED = """query ($id: ID!) { evidenceLink(by: {id: $id}) { status version
    availableTransitions { name isAllowed blockers { code subject { id } } } } }"""


def needs(step: str) -> dict[str, str]:
    return {"reason": "It is another clause."} if step == "evidenceLinkReject" else {}


async def taken(api: Client, step: str, row: Any) -> list[str]:
    """Take a step; return what was in the way."""
    answer = await api.send(
        f"""mutation ($i: {step[0].upper()}{step[1:]}Input!) {{ {step}(input: $i) {{ errors {{ code
            ... on TransitionNotAllowedError {{ blockers {{ code }} }} }} }} }}""",
        i=at(row, **needs(step)),
    )
    if "errors" in answer:
        return [error["extensions"]["code"] for error in answer["errors"]]
    errors = answer["data"][step]["errors"]
    return [b["code"] for e in errors for b in e.get("blockers", [{"code": e["code"]}])]


async def offered(api: Client, row: Any) -> dict[str, list[str]]:
    """Return the codes of what is in the way of each step, and see that it says so."""
    options = (await api.ask(OFFERED, id=row["id"]))["evidenceLink"]["availableTransitions"]
    assert all(option["isAllowed"] == (not option["blockers"]) for option in options)
    return {o["name"]: [blocker["code"] for blocker in o["blockers"]] for o in options}


async def can(api: Client, row: Any) -> dict[str, bool]:
    """Return what the link says that the viewer can do with it."""
    document = """query ($id: ID!) { evidenceLink(by: {id: $id}) {
        evidenceLinkConfirm: viewerCanConfirm evidenceLinkReject: viewerCanReject } }"""
    evidence_link: dict[str, bool] = (await api.ask(document, id=row["id"]))["evidenceLink"]
    return evidence_link


def test_the_table_is_the_whole_table() -> None:
    moves = EvidenceLink.workflow.transitions
    assert moves.keys() == TABLE.keys()
    for name, (sources, target) in TABLE.items():
        assert ({*map(str, moves[name].sources)}, moves[name].target) == (sources, target)
        assert moves[name].roles == JUDGES


@pytest.mark.parametrize(
    "role",
    role_cases(
        Role.QUALITY_MANAGER,
        Role.AUDITOR,
        among=sorted(EVERYONE - {Role.SUPPLIER_CONTACT, Role.EMPLOYEE}),
    ),
)
async def test_what_is_announced_is_what_happens(api: Client, company: Company, role: Role) -> None:
    """For every state and step, by who proposed it and by others."""
    other = await company.hire(Role.QUALITY_MANAGER)
    person = await company.hire(role)
    item = await collect(api, await task(api, company.owner.id))
    states = zip(("PROPOSED", "CONFIRMED", "REJECTED"), await clauses(api, *"123"), strict=True)
    async with person.signed_in() as who, other.signed_in() as judge:
        for state, rule in states:
            row = await link(api, item, rule)
            for step, (_, target) in TABLE.items():
                if target == state:
                    done = await judge.do(step, LINK, **at(row, **needs(step)))
                    row = done["evidenceLink"]
            allowed_steps = {step for step, (sources, _) in TABLE.items() if state in sources}
            codes = [] if role in JUDGES else ["FORBIDDEN"]
            assert await offered(who, row) == dict.fromkeys(allowed_steps, codes)
            assert await can(who, row) == {
                step: step in allowed_steps and not codes for step in TABLE
            }
            assert await can(api, row) == dict.fromkeys(TABLE, False)
            assert await offered(api, row) == {step: ["PROPOSER_DIFFERS"] for step in allowed_steps}
            for step in TABLE:
                if step not in allowed_steps or codes:
                    async with unchanged(company):
                        blocker_codes = await taken(who, step, row)
                    assert blocker_codes == (codes or ["WRONG_STATE"])
                async with unchanged(company):
                    assert "PROPOSER_DIFFERS" in await taken(api, step, row)
            if not codes:
                step = sorted(allowed_steps)[0]
                done = await who.do(step, LINK, **at(row, **needs(step)))
                assert done["evidenceLink"]["status"] == TABLE[step][1]
                assert done["evidenceLink"]["decidedBy"] == {"id": person.id}


async def test_withdrawn_evidence_confirms_nothing(api: Client, company: Company) -> None:
    item = await collect(api, await task(api, company.owner.id))
    row = await link(api, item, *await clauses(api, "1"))
    await api.do("evidenceItemWithdraw", **at(item, reason="Another gauge."))
    lea = await company.hire(Role.LEAD_AUDITOR)
    async with lea.signed_in() as other, unchanged(company):
        assert (await offered(other, row))["evidenceLinkConfirm"] == ["EVIDENCE_STANDS"]
        may = {"evidenceLinkConfirm": False, "evidenceLinkReject": True}
        assert await can(other, row) == may
        assert await taken(other, "evidenceLinkConfirm", row) == ["EVIDENCE_STANDS"]
        ends = {"evidenceId": item["id"], "clauseId": row["clause"]["id"]}
        refused = await code(other, "evidenceLinkCreate", **ends, polarity="SUPPORTS")
        assert refused == ("BAD_USER_INPUT", "evidenceId")


async def test_one_link_leads_from_evidence_to_a_clause(api: Client, company: Company) -> None:
    item = await collect(api, await task(api, company.owner.id))
    (rule,) = await clauses(api, "1")
    await link(api, item, rule, strength=3, polarity="CONTRADICTS")
    ends = {"evidenceId": item["id"], "clauseId": rule, "polarity": "SUPPORTS"}
    async with unchanged(company):
        assert await code(api, "evidenceLinkCreate", **ends) == ("ALREADY_EXISTS", "clauseId")
        wrong = {**ends, "clauseId": "cls_" + "0" * 32}
        assert await code(api, "evidenceLinkCreate", **wrong) == ("NOT_FOUND", "clauseId")
    other = await collect(api, await task(api, company.owner.id))
    for strength in (0, 4):
        async with unchanged(company):
            wrong = {**ends, "evidenceId": other["id"], "strength": strength}
            refused = await code(api, "evidenceLinkCreate", **wrong)
            assert refused == ("OUT_OF_RANGE", "strength")


async def test_links_to_hidden_evidence_are_hidden(api: Client, company: Company) -> None:
    item = await collect(api, await task(api, company.owner.id), confidentiality="CONFIDENTIAL")
    (rule,) = await clauses(api, "1")
    row = await link(api, item, rule)
    shown = "query ($id: ID!) { clause(by: {id: $id}) { evidenceLinks { totalCount } } }"
    for role, count in ((Role.AUDITOR, 0), (Role.LEAD_AUDITOR, 1)):
        person = await company.hire(role)
        async with person.signed_in() as other:
            assert (await other.ask(shown, id=rule))["clause"]["evidenceLinks"] == {
                "totalCount": count
            }
            if not count:
                assert await taken(other, "evidenceLinkConfirm", row) == ["NOT_FOUND"]


class _Caller(GuardContext):
    """Somebody who decides, and for whom evidence stands or not."""

    def __init__(self, caller: Principal, item: EvidenceItem) -> None:
        self._caller, self._item = caller, item

    @property
    def caller(self) -> Principal:
        """The one."""
        return self._caller

    async def load(self, loader: Any, key: Any) -> Any:
        """Return the one item, which everybody may see."""
        return key if isinstance(loader, Readable) else self._item

    async def once(self, name: str, statement: Any) -> Any:
        """Nothing asks for this."""
        raise NotImplementedError


def _somebody(role: Role) -> Principal:
    one, two, three, four = (ids.uuid7() for _ in range(4))
    return Principal(one, two, three, four, role)


@pytest.mark.lives
async def test_any_sequence_of_commands_goes_as_the_model_goes(
    pytestconfig: pytest.Config,
) -> None:
    """Lives of 50 commands each, by anybody, with evidence that comes and goes."""
    for seed in range(max(SOME, pytestconfig.getoption("lives"))):
        chance = random.Random(seed)
        people = [_somebody(role) for role in (Role.OWNER, Role.AUDITOR, Role.EMPLOYEE)]
        proposer = chance.choice(people)
        item = EvidenceItem(id=ids.uuid7(), kind=EvidenceKind.LINK, reference="EVD-1")
        row = factories.evidence_link(item.id, ids.uuid7(), created_by_id=proposer.user_id)
        state = "PROPOSED"
        for _ in range(50):
            item.withdrawn_at = chance.choice([None, None, clock.now()])
            who, step = chance.choice(people), chance.choice(sorted(TABLE))
            sources, target = TABLE[step]
            codes = {"WRONG_STATE"} if state not in sources else set()
            codes |= {"FORBIDDEN"} if who.role not in JUDGES else set()
            codes |= {"PROPOSER_DIFFERS"} if who is proposer else set()
            if item.withdrawn_at and step == "evidenceLinkConfirm":
                codes.add("EVIDENCE_STANDS")
            try:
                await EvidenceLink.workflow.move(_Caller(who, item), row, step)
                blocker_codes = set[str]()
            except TransitionNotAllowed as refused:
                blocker_codes = {blocker.code for blocker in refused.blockers}
            assert blocker_codes == codes
            state = state if codes else target
            assert row.status.value == state

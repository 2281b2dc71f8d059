"""A finding moves by its table: who, from where, what has to be there before, and nothing else."""

import random
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from qgp.capas.model.terms import CapaStatus
from qgp.findings.commands import transitions
from qgp.findings.model import Finding, FindingSource, FindingStatus
from qgp.kit import clock, ids
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from qgp.users.model import WORKERS
from tests import factories, lives
from tests.command_line import Command
from tests.company import Client, Company, Person, signature, subject_id, texts
from tests.evidence import unchanged
from tests.findings.expected_workflow import (
    MEMBERS,
    MISSING,
    OF_NONCONFORMITIES,
    STATES,
    STEPS,
    Life,
)
from tests.findings.finding_commands import CAUSE, TERM, FindingCommands, at, blockers, done, read
from tests.kit.work import work_of
from tests.matrix import blockers as blocked
from tests.matrix import role_cases, tied_cases
from tests.standards.standard_commands import errors_of

OFFERED = "availableTransitions { name isAllowed blockers { code message subject { id } } }"


def test_the_table_is_the_whole_table() -> None:
    assert set(STEPS) == set(Finding.workflow.transitions)
    assert set(STATES) == {state.value for state in FindingStatus}


async def standing(company: Company, state: str, owner: str) -> dict[str, Any]:
    """Write an observation with all that it needs, which stands in the state."""
    async with work_of(company) as work:
        row = factories.finding(
            FindingStatus(state),
            grade=FindingGrade.OBSERVATION,
            source_type=FindingSource.AUDIT,
            **dict.fromkeys(("statement", "evidence_text", "containment_text"), "x"),
            opened_on=clock.today(),
            owner_id=ids.decode("usr", owner),
        )
        await work.add(row)
    return {"id": row.public_id, "version": row.version}


async def tried(api: Client, finding: Any, step: str, needs: dict[str, Any]) -> set[str]:
    """Try a step; return what was in the way, by its code."""
    title = step[0].upper() + step[1:]
    document = f"""mutation ($input: {title}Input!) {{ {step}(input: $input) {{ errors {{ code
        ... on TransitionNotAllowedError {{ blockers {{ code }} }} }} }} }}"""
    answer = await api.send(document, input=at(finding, **needs))
    if "errors" in answer:
        return {error["extensions"]["code"] for error in answer["errors"]}
    errors = answer["data"][step]["errors"]
    return {b["code"] for e in errors for b in e.get("blockers", [{"code": e["code"]}])}


@pytest.mark.parametrize(
    ("role", "is_owner"),
    tied_cases(
        {
            False: role_cases(Role.QUALITY_MANAGER, Role.EMPLOYEE, Role.SUPPLIER_CONTACT),
            True: role_cases(Role.EMPLOYEE),
        }
    ),
)
async def test_what_is_announced_is_what_happens(
    company: Company,
    finding_commands: FindingCommands,
    employee: Person,
    role: Role,
    *,
    is_owner: bool,
) -> None:
    """For every state and every step, in the table or not."""
    person = await company.hire(role)
    is_owner = is_owner and role in WORKERS  # others cannot be assigned work
    owner = person.id if is_owner else employee.id
    sees = role is not Role.SUPPLIER_CONTACT and (is_owner or role is not Role.EMPLOYEE)
    async with person.signed_in() as api:
        for state in STATES:
            life = Life(is_nonconformity=False, creator=company.owner.id, status=state)
            life.has = dict.fromkeys(("statement", "evidenceText", "containmentText"), "x")
            life.has["ownerId"] = owner
            finding = await standing(company, state, owner)
            shown = (await read(api, finding, OFFERED) or {}) if sees else {}
            options = {o["name"]: o["isAllowed"] for o in shown.get("availableTransitions", [])}
            allowed_steps = {name for name, step in STEPS.items() if state in step.sources}
            assert set(options) == (allowed_steps if sees else set())
            ways = {}
            for step, move in STEPS.items():
                blocker_codes = life.blockers(step, role, person.id)
                offered = life.blockers(step, role, person.id, is_signed=False)
                if role not in (MEMBERS if move.by else move.roles):
                    blocker_codes = {"FORBIDDEN"}
                elif not sees:
                    blocker_codes = {"NOT_FOUND"}
                assert options.get(step, False) == (not blocker_codes | offered), (state, step)
                ways[step] = blocker_codes
            refused = {
                step: at(finding, **finding_commands.needs(step))
                for step, blocker_codes in ways.items()
                if blocker_codes
            }
            codes = await blocked(api, refused)
            assert codes == {step: ways[step] for step in refused}, state
            assert await where(company, finding) == (1, state)
            for step in ways.keys() - refused.keys():
                one = await standing(company, state, owner)
                assert await tried(api, one, step, finding_commands.needs(step)) == set(), (
                    state,
                    step,
                )
                assert await where(company, one) == (2, STEPS[step].target), (state, step)


async def where(company: Company, finding: Any) -> tuple[int, str]:
    """Return version and state of a finding as it is written."""
    async with work_of(company) as work:
        row = await work.get(Finding, ids.decode("fnd", finding["id"]))
    return row.version, row.status.value


@pytest.mark.parametrize(
    ("step", "name", "code"),
    [
        (step, name, code)
        for table in (MISSING, OF_NONCONFORMITIES)
        for step, needed in table.items()
        for name, code in needed.items()
    ],
)
async def test_a_missing_field_blocks_until_it_is_set(
    api: Client,
    company: Company,
    finding_commands: FindingCommands,
    step: str,
    name: str,
    code: str,
) -> None:
    full = {
        "rootCause": CAUSE,
        "causeCategoryId": finding_commands.ids["cause"],
        "ownerId": finding_commands.ids["owner"],
    }
    full |= {"statement": "x", "evidenceText": "x"}
    full |= {"primaryClauseId": finding_commands.clauses["1"], "containmentText": "Locked away."}
    before = {"findingOpen": 0, "findingRecordContainment": 1, "findingStartCorrectiveAction": 3}[
        step
    ]
    later = {"containmentText"}
    values = {n: None if n == name else v for n, v in full.items() if n not in later}
    codes = ("findingOpen", "findingRecordContainment", "findingStartAnalysis")[:before]
    finding = await finding_commands.walk(*codes, **values)
    for _ in range(2):
        (option,) = [o for o in (await read(api, finding, OFFERED))["availableTransitions"]
                     if o["name"] == step]  # fmt: skip
        (blocker,) = option["blockers"]
        assert (blocker["code"], subject_id(blocker)) == (code, finding["id"])
        assert not option["isAllowed"]
    async with unchanged(company):
        assert blockers(await api.do(step, **at(finding))) == [code]
    change = {name: full[name]}
    finding = (await done(api, "findingUpdate", **at(finding, **change)))["finding"]
    if step == "findingRecordContainment":
        await done(api, step, **at(finding))
        return
    await finding_commands.step(finding, step)


async def test_an_observation_is_answered_by_another_than_its_owner(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.walk(
        "findingOpen", grade="OBSERVATION", ownerId=company.owner.id
    )
    async with unchanged(company):
        own_payload = await api.do("findingClose", **at(finding, comment="Done."))
        assert blockers(own_payload) == ["VERIFIER_DIFFERS"]
    change = {"ownerId": finding_commands.ids["owner"]}
    finding = (await done(api, "findingUpdate", **at(finding, **change)))["finding"]
    async with unchanged(company):
        mute = await api.do("findingClose", **at(finding))
        assert errors_of(mute) == [("REQUIRED", "comment")]
    finding = (await done(api, "findingClose", **at(finding, comment="Done.")))["finding"]
    record = await read(api, finding, "closingComment closedOn verifiedBy { id } status")
    today = str(clock.today())
    answered = {"closingComment": "Done.", "closedOn": today, "verifiedBy": None}
    assert record == {**answered, "status": "CLOSED"}


async def test_a_nonconformity_goes_all_the_way(
    api: Client, company: Company, finding_commands: FindingCommands, employee: Person
) -> None:
    """Its owner brings it to verification; somebody else closes it, and it comes back."""
    finding = await finding_commands.walk("findingOpen")
    early = await api.do("findingClose", **at(finding, comment="x"))
    assert blockers(early) == ["NC_VERIFICATION", "EVIDENCE"]
    async with employee.signed_in() as client:
        finding_commands.api = client
        for step in (
            "findingRecordContainment",
            "findingStartAnalysis",
            "findingStartCorrectiveAction",
            "findingSubmitForVerification",
        ):
            finding = await finding_commands.step(finding, step)
    finding_commands.api = api
    for step in ("findingRejectCorrectiveAction", "findingSubmitForVerification", "findingClose"):
        finding = await finding_commands.step(finding, step)
    record = await read(api, finding, """status version containmentText containedBy { id }
        rootCause closedOn reopenCount verifiedBy { id }""")  # fmt: skip
    assert record == {
        "status": "CLOSED",
        "version": 9,
        "containmentText": "Taken out of use.",
        "containedBy": {"id": employee.id},
        "rootCause": CAUSE,
        "closedOn": str(clock.today()),
        "reopenCount": 0,
        "verifiedBy": {"id": company.owner.id},
    }
    finding = await finding_commands.step(finding, "findingReopen")
    record = await read(api, finding, "status closedOn reopenCount verifiedBy { id }")
    assert record == {"status": "ANALYSIS", "closedOn": None, "reopenCount": 1, "verifiedBy": None}


async def test_effects_may_need_no_control(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.walk("findingOpen")
    both = {"containmentText": "Locked.", "noContainmentReason": "Nobody uses them."}
    async with unchanged(company):
        payload = await api.do("findingRecordContainment", **at(finding, **both))
        assert errors_of(payload) == [("BAD_USER_INPUT", "noContainmentReason")]
    del both["containmentText"]
    finding = (await done(api, "findingRecordContainment", **at(finding, **both)))["finding"]
    record = await read(api, finding, "status noContainmentReason containmentText")
    assert record == {"status": "CONTAINED", "containmentText": None, **both}


async def test_a_concession_has_a_day_to_come(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.walk("findingOpen")
    async with unchanged(company):
        today: dict[str, Any] = {"acceptedUntil": str(clock.today()), "reason": "x"}
        today["signature"] = signature("APPROVED")
        payload = await api.do("findingGrantConcession", **at(finding, **today))
        assert errors_of(payload) == [("OUT_OF_RANGE", "acceptedUntil")]
    finding = await finding_commands.step(finding, "findingGrantConcession")
    record = await read(api, finding, "status acceptedUntil")
    assert record == {"status": "ACCEPTED", "acceptedUntil": str(TERM)}


async def test_a_concession_is_taken_back(api: Client, finding_commands: FindingCommands) -> None:
    finding = await finding_commands.step(
        await finding_commands.walk("findingOpen"), "findingGrantConcession"
    )
    finding = await finding_commands.step(finding, "findingRevokeConcession")
    record = await read(api, finding, "status acceptedUntil availableTransitions { name }")
    assert (record["status"], record["acceptedUntil"]) == ("OPEN", None)
    assert "findingRecordContainment" in texts(record["availableTransitions"], "name")


async def test_a_concession_ends_after_its_last_day(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    earlier, ended, lasting = [
        await finding_commands.step(
            await finding_commands.walk("findingOpen"), "findingGrantConcession", acceptedUntil=day
        )
        for day in (str(TERM - timedelta(30)), str(TERM - timedelta(1)), str(TERM))
    ]
    with clock.fixed(datetime.combine(TERM, time(12), UTC)):
        async with work_of(company) as work:
            over = [row.public_id for row in await transitions.expire(work)]
    assert over == [earlier["id"], ended["id"]]
    for finding, status in ((earlier, "OPEN"), (ended, "OPEN"), (lasting, "ACCEPTED")):
        assert (await read(api, finding, "status"))["status"] == status
    for finding, day in ((earlier, TERM - timedelta(30)), (ended, TERM - timedelta(1))):
        messages = (await read(api, finding, "history { nodes { reason } }"))["history"]["nodes"][
            -1
        ]
        assert messages["reason"] == f"The concession ended on {day}."


def test_the_operator_looks_once_a_day(qgp: Command, company: Company) -> None:
    done = qgp("findings", "expire", "--organization", company.slug)
    assert (done.exit_code, done.stdout) == (0, "Reopened: none.\n")
    done = qgp("findings", "expire", "--organization", "nowhere")
    assert done.exit_code == 1
    assert "There is no organization nowhere." in done.stderr


async def _come_and_go(finding_commands: FindingCommands, finding: Any, life: Life) -> None:
    """Withdraw what shows that something was done, or collect something that does."""
    if life.status == "CLOSED" and life.is_nonconformity and len(life.proofs) == 1:
        kept = at(life.proofs[0], reason="It shows another gauge.")
        refused = await finding_commands.api.do(
            "evidenceItemWithdraw", "evidenceItem { id }", **kept
        )
        assert errors_of(refused) == [("BAD_USER_INPUT", "id")]
    elif life.proofs:
        gone = at(life.proofs.pop(), reason="It shows another gauge.")
        await done(finding_commands.api, "evidenceItemWithdraw", "evidenceItem { id }", **gone)
    else:
        life.proofs.append(await finding_commands.prove(finding))


async def _request(
    company: Company,
    finding: Any,
    life: Life,
    author: tuple[Client, Role, str],
    chance: random.Random,
) -> None:
    """Have the CAPA of a MAJOR take effect, or request that its end is decided."""
    client, _, person = author
    if not life.has_capa and chance.random() < 0.5:
        owner = company.owner.user_id
        async with work_of(company) as work:
            capa = await work.add(factories.capa(CapaStatus.CLOSED, owner_id=owner))
            await work.add(factories.capa_finding(capa.id, ids.decode("fnd", finding["id"])))
        life.has_capa = True
        return
    kind = chance.choice(["VOID", "CONCESSION"])
    until = {"acceptedUntil": str(TERM)} if kind == "CONCESSION" else {}
    mutation = f"findingRequest{kind.title()}"
    payload = await client.do(mutation, **at(finding, reason="It was no fault.", **until))
    assert bool(payload["errors"]) == life.request_change(kind, person), (kind, life)


@pytest.mark.lives
async def test_any_sequence_of_commands_goes_as_the_model_goes(
    api: Client,
    company: Company,
    finding_commands: FindingCommands,
    employee: Person,
    chance: random.Random,
) -> None:
    """States, versions and blockers agree after every command."""
    leader = await company.hire(Role.LEAD_AUDITOR)
    quality = await company.hire(Role.QUALITY_MANAGER)
    values = {"statement": "x", "evidenceText": "x", "containmentText": "x", "rootCause": "x"}
    values |= {"ownerId": employee.id, "primaryClauseId": finding_commands.clauses["1"]}
    values["causeCategoryId"] = finding_commands.ids["cause"]
    async with (
        leader.signed_in() as lead,
        employee.signed_in() as own_client,
        quality.signed_in() as qm,
    ):
        people = (
            (api, Role.OWNER, company.owner.id),
            (lead, Role.LEAD_AUDITOR, leader.id),
            (own_client, Role.EMPLOYEE, employee.id),
            (qm, Role.QUALITY_MANAGER, quality.id),
        )
        for grade in ("MAJOR", "OFI"):
            bare = dict.fromkeys(("ownerId", "statement", "evidenceText", "primaryClauseId"))
            who = {"detectedById": employee.id}  # who sees it whatever becomes of it
            finding = await finding_commands.write(grade=grade, **bare, **who)
            is_nc = grade == "MAJOR"
            life = Life(is_nonconformity=is_nc, creator=company.owner.id, grade=grade)
            for _ in range(lives.STEPS):
                finding["version"] = life.version
                client, role, person = chance.choice(people)
                if chance.random() < 0.08:
                    await _come_and_go(finding_commands, finding, life)
                elif is_nc and chance.random() < 0.1:
                    author = chance.choice([one for one in people if one[1] is not Role.EMPLOYEE])
                    await _request(company, finding, life, author, chance)
                elif chance.random() < 0.45:
                    name = chance.choice([*values])
                    value = values[name] if chance.random() < 0.8 else None
                    payload = await api.do("findingUpdate", **at(finding, **{name: value}))
                    assert bool(payload["errors"]) == life.refuses(name, value), (name, value)
                    if not payload["errors"]:
                        life.change(name, value)
                else:
                    likely = [n for n, s in STEPS.items() if life.status in s.sources]
                    step = chance.choice(likely * 3 + [*STEPS])
                    if step == "findingVoid" and chance.random() < 0.9:
                        continue
                    needs = {**finding_commands.needs(step)}
                    if chance.random() < 0.2 and step in {"findingClose", "findingVoid"}:
                        del needs["signature"]
                    is_signed = "signature" in needs or step not in {"findingClose", "findingVoid"}
                    codes = life.blockers(step, role, person, is_signed=is_signed)
                    if role not in (MEMBERS if STEPS[step].by else STEPS[step].roles):
                        codes = {"FORBIDDEN"}
                    for kept in ("containmentText", "rootCause", "causeCategoryId"):
                        needs.pop(kept, None)
                    assert await tried(client, finding, step, needs) == codes, (life, step)
                    if not codes:
                        life.take(step)
                record = await read(api, finding, "status version reopenCount")
                assert record == {
                    "status": life.status,
                    "version": life.version,
                    "reopenCount": life.reopened,
                }
            await lives.agrees(company, Finding, ids.decode("fnd", finding["id"]), life)

"""A signature is given with the password, seals what it says, and outlives later changes."""

import asyncio
import hashlib
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from qgp.accounts.model import AccountEvent, AccountEventKind
from qgp.actions.model import ActionStatus
from qgp.capas.model.terms import CapaStatus
from qgp.findings.model import Finding
from qgp.kit import audit_content, clock, ids
from qgp.kit.context import Context
from qgp.kit.errors import AlreadyExists
from qgp.kit.outbox import OutboxEvent
from qgp.kit.policy import Principal, Role
from qgp.kit.session import Scope
from qgp.kit.signing import Meaning
from qgp.kit.subjects import Subject
from qgp.kit.work import NOBODY
from qgp.signatures import jobs, service
from qgp.signatures.model import (
    Signature,
    SignatureMethod,
    content_digest,
    signature_digest,
)
from tests import factories
from tests.company import PASSWORD, Client, Company, Hiring, Person, signature
from tests.evidence import unchanged
from tests.findings.finding_commands import (
    FindingCommands,
    at,
    blockers,
    done,
    prepare_finding_commands,
    read,
)
from tests.kit.work import consume, work_of
from tests.matrix import role_cases
from tests.standards.standard_commands import errors_of

SIGNED = """signature { id printedName meaning statement action subject { id } subjectVersion state
    supersededAt contentSha256 previousSha256 sha256 authMethod signer { id } }"""
SHOWN = """signatures { totalCount nodes { meaning subjectVersion state supersededAt action
    signer { id } } }"""
CHANGES = """supersedingChanges { record { id } fields changedAt changedBy { name } action
    reason }"""
VERIFY = """query ($id: ID!) { signatureVerify(signatureId: $id) {
    isIntact isContentUnchanged signature { state } } }"""
EVIDENCE = "evidenceItem { id version }"
WAY = (
    "findingOpen",
    "findingRecordContainment",
    "findingStartAnalysis",
    "findingStartCorrectiveAction",
    "findingSubmitForVerification",
)


async def sign(api: Client, finding: Any, meaning: str = "REVIEWED", **values: Any) -> Any:
    """Sign a finding and return the payload."""
    where = {"recordId": finding["id"], "expectedVersion": finding["version"]}
    return await api.do("recordSign", SIGNED, **where, signature=signature(meaning), **values)


async def superseded(company: Company) -> list[str]:
    """Return the ids of the records whose signatures are reported as superseded, so far."""
    await consume(company, jobs.superseded)
    is_superseded = OutboxEvent.name == "signature.superseded"
    events = sa.select(OutboxEvent).where(is_superseded).order_by(OutboxEvent.position)
    async with company.application.database.read(Scope(company.organization_id)) as session:
        return [event.data["recordId"] for event in await session.scalars(events)]


async def failures(company: Company, person: Person) -> int:
    """Count the failed attempts on a person's account."""
    of_person = (
        AccountEvent.account_id
        == sa.select(sa.column("account_id"))
        .select_from(sa.table("users"))
        .where(sa.column("id") == person.user_id)
        .scalar_subquery()
    )
    failed = AccountEvent.kind == AccountEventKind.LOG_IN_FAILED
    async with company.application.engine.connect() as connection:
        counted = sa.select(sa.func.count()).select_from(AccountEvent).where(of_person, failed)
        return int((await connection.execute(counted)).scalar_one())


async def test_a_signature_tells_who_when_what_and_of_which_version(
    company: Company, finding_commands: FindingCommands, kim: Person
) -> None:
    finding = await finding_commands.write()
    async with kim.signed_in() as api:
        created = (await sign(api, finding))["signature"]
        again = (await sign(api, finding, "ACKNOWLEDGED"))["signature"]
    expected = {
        "printedName": "Kim",
        "meaning": "REVIEWED",
        "statement": f"{finding['reference']}, version 1: I reviewed this.",
        "action": "recordSign",
        "subject": {"id": finding["id"]},
        "subjectVersion": 1,
        "state": "VALID",
        "supersededAt": None,
        "previousSha256": None,
        "authMethod": "PASSWORD",
        "signer": {"id": kim.id},
    }
    assert created | expected == created
    assert len(created["sha256"]) == len(created["contentSha256"]) == 64
    assert again["previousSha256"] == created["sha256"]
    assert again["contentSha256"] == created["contentSha256"]


async def test_a_wrong_password_signs_nothing_and_counts(
    company: Company, finding_commands: FindingCommands, kim: Person
) -> None:
    finding = await finding_commands.write()
    values = {"recordId": finding["id"], "expectedVersion": 1}
    wrong = {"meaning": "REVIEWED", "proof": {"password": "a rather long sentance"}}
    async with kim.signed_in() as api, unchanged(company):
        for turn in range(1, 6):
            payload = await api.do("recordSign", SIGNED, **values, signature=wrong)
            assert errors_of(payload) == [("INVALID_CREDENTIALS", "signature.proof.password")]
            assert await failures(company, kim) == turn
        late = await sign(api, finding)
        assert errors_of(late)[0][0] == "RATE_LIMITED"
    log_in = {"email": kim.email, "password": PASSWORD}
    async with kim.signed_in() as api:
        assert errors_of(await api.do("login", **log_in))[0][0] == "RATE_LIMITED"


@pytest.mark.parametrize("proof", [{}, {"password": PASSWORD, "code": "123456"}, None])
async def test_a_signature_takes_exactly_one_proof(
    company: Company, finding_commands: FindingCommands, kim: Person, proof: Any
) -> None:
    finding = await finding_commands.write()
    signed = {"meaning": "REVIEWED", "proof": proof}
    values = {"recordId": finding["id"], "expectedVersion": 1, "signature": signed}
    document = "mutation ($input: RecordSignInput!) { recordSign(input: $input) { __typename } }"
    async with kim.signed_in() as api, unchanged(company):
        assert await api.refusal(document, input=values) == "BAD_USER_INPUT"


@pytest.mark.parametrize("meaning", ["AUTHORED", "REVIEWED", "APPROVED", "VERIFIED", "REJECTED"])
async def test_nobody_judges_their_own(
    api: Client, company: Company, finding_commands: FindingCommands, employee: Person, meaning: str
) -> None:
    finding = await finding_commands.write()
    for person in (company.owner, employee):  # who wrote it, and who owns it
        async with person.signed_in() as client:
            payload = await sign(client, finding, meaning)
        refused = meaning in {"REVIEWED", "APPROVED", "VERIFIED"}
        assert errors_of(payload) == ([("FORBIDDEN", "signature.meaning")] if refused else [])


async def test_a_later_change_supersedes_and_erases_nothing(
    api: Client, company: Company, finding_commands: FindingCommands, kim: Person
) -> None:
    finding = await finding_commands.write()
    async with kim.signed_in() as other:
        created = (await sign(other, finding))["signature"]
        stands = {"isIntact": True, "isContentUnchanged": True, "signature": {"state": "VALID"}}
        assert (await other.ask(VERIFY, id=created["id"]))["signatureVerify"] == stands
    changed = (await done(api, "findingUpdate", **at(finding, title="Other")))["finding"]
    record = await read(api, finding, SHOWN.replace("action", f"action {CHANGES}"))
    (shown,) = record["signatures"]["nodes"]
    assert (shown["state"], shown["subjectVersion"]) == ("SUPERSEDED", 1)
    assert shown["supersededAt"] is not None
    assert shown["supersedingChanges"] == [
        {
            "record": {"id": finding["id"]},
            "fields": ["title"],
            "changedAt": shown["supersededAt"],
            "changedBy": {"name": "Owner"},
            "action": "findingUpdate",
            "reason": None,
        }
    ]
    past = (await api.ask(VERIFY, id=created["id"]))["signatureVerify"]
    assert past == {
        "isIntact": True,
        "isContentUnchanged": False,
        "signature": {"state": "SUPERSEDED"},
    }
    assert await superseded(company) == [finding["id"]]
    await done(api, "findingUpdate", **at(changed, title="Gauges without a label"))
    assert await superseded(company) == [finding["id"]]
    back = (await api.ask(VERIFY, id=created["id"]))["signatureVerify"]
    assert (back["isContentUnchanged"], back["signature"]["state"]) == (True, "SUPERSEDED")


async def test_a_verification_seals_the_evidence_that_it_closes_on(
    api: Client, company: Company, finding_commands: FindingCommands, kim: Person
) -> None:
    """Of a finding, and of a CAPA with its actions; what is collected later supersedes nothing."""
    finding = await finding_commands.walk(*WAY)
    owner = company.owner.user_id
    async with work_of(company) as work:
        day: dict[str, Any] = {"effectiveness_due_on": clock.today()}
        capa = await work.add(factories.capa(CapaStatus.EFFECTIVENESS, owner_id=owner, **day))
        of_capa: dict[str, Any] = {"capa_id": capa.id, "completed_at": clock.now()}
        action = factories.action(ActionStatus.DONE, owner_id=owner, **of_capa)
        await work.add(action)
    subjects = [finding, {"id": capa.public_id}, {"id": action.public_id}]
    items = [await finding_commands.prove(one) for one in subjects]
    async with kim.signed_in() as other:
        signed = {"signature": signature("VERIFIED")}
        await done(other, "findingClose", **at(finding, **signed))
        closing = {"id": capa.public_id, "expectedVersion": 1, "result": "EFFECTIVE", **signed}
        await done(other, "capaClose", "capa { id }", **closing)
    for one in subjects:
        await finding_commands.prove(one)

    async def signatures() -> Any:
        document = f"{{ signatures {{ nodes {{ subject {{ id }} state {CHANGES} }} }} }}"
        nodes = (await api.ask(document))["signatures"]["nodes"]
        return {
            node["subject"]["id"]: (node["state"], node["supersedingChanges"]) for node in nodes
        }

    valid: tuple[str, list[Any]] = ("VALID", [])
    assert await signatures() == {finding["id"]: valid, capa.public_id: valid}
    assert await superseded(company) == []
    changed = await done(api, "evidenceItemUpdate", EVIDENCE, **at(items[0], title="Another"))
    gone = {"reason": "Of another gauge."}
    await done(api, "evidenceItemWithdraw", EVIDENCE, **at(changed["evidenceItem"], **gone))
    await done(api, "evidenceItemWithdraw", EVIDENCE, **at(items[2], **gone))
    assert await superseded(company) == [finding["id"], capa.public_id]
    now = await signatures()
    withdrawal = ("evidenceItemWithdraw", ["withdrawalReason", "withdrawnAt"], gone["reason"])
    expected = {
        finding["id"]: [
            ("evidenceItemUpdate", ["title"], None, items[0]["id"]),
            (*withdrawal, items[0]["id"]),
        ],
        capa.public_id: [(*withdrawal, items[2]["id"])],
    }
    for id, changes in expected.items():
        state, shown = now[id]
        assert state == "SUPERSEDED"
        assert [
            (one["action"], one["fields"], one["reason"], one["record"]["id"]) for one in shown
        ] == changes
        assert {one["changedBy"]["name"] for one in shown} == {"Owner"}


async def test_a_stale_version_is_not_signed(
    company: Company, finding_commands: FindingCommands, kim: Person
) -> None:
    finding = await finding_commands.write()
    async with kim.signed_in() as api, unchanged(company):
        payload = await sign(api, {**finding, "version": 7})
        assert errors_of(payload) == [("STALE_VERSION", "expectedVersion")]


async def test_a_repeated_key_signs_once_and_keeps_no_password(
    company: Company, finding_commands: FindingCommands, kim: Person
) -> None:
    finding = await finding_commands.write()
    async with kim.signed_in() as api:
        first, second = [await sign(api, finding, idempotencyKey="one") for _ in range(2)]
        assert first["signature"]["id"] == second["signature"]["id"]
        other = await sign(api, finding, "ACKNOWLEDGED", idempotencyKey="one")
        assert errors_of(other)[0][0] == "IDEMPOTENCY_KEY_REUSED"
        assert (await read(api, finding, SHOWN))["signatures"]["totalCount"] == 1
    async with company.application.engine.connect() as superuser:
        (print_,) = (
            await superuser.scalars(
                sa.text("SELECT fingerprint FROM idempotency_keys WHERE user_id = :id"),
                {"id": kim.user_id},
            )
        ).all()
    told_of = {"record_id": Subject("fnd", ids.split(finding["id"])[1]), "expected_version": 1}
    text = orjson.dumps(told_of, option=orjson.OPT_SORT_KEYS, default=str).decode()
    assert print_ == hashlib.sha256(f"recordSign{text}REVIEWED".encode()).digest()


@pytest.mark.parametrize("meaning", Meaning)
async def test_one_person_signs_a_version_once_with_each_meaning(
    api: Client, company: Company, finding_commands: FindingCommands, kim: Person, meaning: str
) -> None:
    finding = await finding_commands.write()
    async with kim.signed_in() as other:
        assert errors_of(await sign(other, finding, meaning)) == []
        async with unchanged(company):
            refused = [await sign(other, finding, meaning, idempotencyKey=key) for key in "ab"]
        assert [errors_of(payload) for payload in refused] == [
            [("ALREADY_EXISTS", "signature.meaning")]
        ] * 2
        changed = (await done(api, "findingUpdate", **at(finding, title="Other")))["finding"]
        assert errors_of(await sign(other, changed, meaning)) == []
    lead = await company.hire(Role.LEAD_AUDITOR)
    async with lead.signed_in() as third:
        assert errors_of(await sign(third, changed, meaning)) == []


async def test_a_signed_transition_counts_as_the_signature_of_its_version(
    company: Company, finding_commands: FindingCommands, kim: Person
) -> None:
    finding = await finding_commands.walk(*WAY)
    async with kim.signed_in() as other:
        closing = at(finding, signature=signature("VERIFIED"))
        closed = (await done(other, "findingClose", **closing))["finding"]
        async with unchanged(company):
            repeated = await sign(other, closed | {"id": finding["id"]}, "VERIFIED")
        assert errors_of(repeated) == [("ALREADY_EXISTS", "signature.meaning")]


async def test_of_two_equal_signatures_at_once_one_counts(
    api: Client, company: Company, finding_commands: FindingCommands, kim: Person
) -> None:
    """Past the limit on attempts at a password and past the lock on the record."""
    finding = await finding_commands.write()
    caller = Principal(kim.user_id, NOBODY, company.organization_id, NOBODY, Role.QUALITY_MANAGER)
    both_wrote_nothing = asyncio.Barrier(2)

    async def write() -> None:
        async with Context(company.application.database, "", caller).unit_of_work("sign") as work:
            row = await work.session.get_one(
                Finding, (company.organization_id, ids.split(finding["id"])[1])
            )
            await both_wrote_nothing.wait()
            await service.write(work, row, Meaning.REVIEWED)

    outcomes = await asyncio.gather(write(), write(), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [AlreadyExists]
    assert (await read(api, finding, SHOWN))["signatures"]["totalCount"] == 1
    assert (await api.ask("{ trailVerify { isIntact } }"))["trailVerify"]["isIntact"]


async def test_a_major_nonconformity_is_closed_by_signature(
    api: Client, company: Company, finding_commands: FindingCommands, kim: Person
) -> None:
    finding = await finding_commands.walk(*WAY, grade="MAJOR")
    async with work_of(company) as work:
        capa = await work.add(factories.capa(CapaStatus.CLOSED, owner_id=company.owner.user_id))
        await work.add(factories.capa_finding(capa.id, ids.decode("fnd", finding["id"])))
    offered = "availableTransitions { name signature isAllowed blockers { code subject { id } } }"
    async with kim.signed_in() as other:
        moves = (await read(other, finding, offered))["availableTransitions"]
    (close,) = [move for move in moves if move["name"] == "findingClose"]
    assert close == {
        "name": "findingClose",
        "signature": "VERIFIED",
        "isAllowed": False,
        "blockers": [{"code": "SIGNATURE", "subject": {"id": finding["id"]}}],
    }
    async with kim.signed_in() as other:
        async with unchanged(company):
            assert blockers(await other.do("findingClose", **at(finding))) == ["SIGNATURE"]
            wrong = at(finding, signature=signature("APPROVED"))
            assert errors_of(await other.do("findingClose", **wrong)) == [
                ("BAD_USER_INPUT", "signature.meaning")
            ]
        closed = await done(other, "findingClose", **at(finding, signature=signature("VERIFIED")))
        (shown,) = (await read(other, finding, SHOWN))["signatures"]["nodes"]
    assert shown == {
        "meaning": "VERIFIED",
        "subjectVersion": closed["finding"]["version"],
        "state": "VALID",
        "supersededAt": None,
        "action": "findingClose",
        "signer": {"id": kim.id},
    }
    reason = at(closed["finding"], reason="Seen again.")
    await done(api, "findingReopen", **reason)
    (shown,) = (await read(api, finding, SHOWN))["signatures"]["nodes"]
    assert shown["state"] == "SUPERSEDED"


async def test_a_minor_one_needs_none_and_takes_one(
    api: Client, finding_commands: FindingCommands
) -> None:
    values: dict[str, Any]
    for values, count in (({}, 0), ({"signature": signature("VERIFIED")}, 1)):
        finding = await finding_commands.walk(*WAY, grade="MINOR")
        await done(api, "findingClose", **at(finding, **values))
        assert (await read(api, finding, SHOWN))["signatures"]["totalCount"] == count


async def test_a_concession_is_approved_by_another_than_its_author(
    api: Client, company: Company, finding_commands: FindingCommands, kim: Person
) -> None:
    finding = await finding_commands.walk("findingOpen")
    values = at(finding, **finding_commands.needs("findingGrantConcession"))
    async with unchanged(company):
        assert blockers(await api.do("findingGrantConcession", **values)) == ["APPROVER_DIFFERS"]
    async with kim.signed_in() as other:
        assert (await done(other, "findingGrantConcession", **values))["finding"][
            "status"
        ] == "ACCEPTED"


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_who_may_sign(
    company: Company, finding_commands: FindingCommands, role: Role
) -> None:
    finding = await finding_commands.write()
    person = await company.hire(role)
    document = """mutation ($input: RecordSignInput!) { recordSign(input: $input) {
        errors { code } } }"""
    values = {"recordId": finding["id"], "expectedVersion": 1, "signature": signature("REVIEWED")}
    async with person.signed_in() as api:
        answer = await api.send(document, input=values)
    if role in {Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT}:
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    else:
        errors = answer["data"]["recordSign"]["errors"]
        assert errors == ([{"code": "NOT_FOUND"}] if role is Role.EMPLOYEE else [])


async def test_two_signatures_are_two_requests(
    finding_commands: FindingCommands, kim: Person
) -> None:
    """Aliases must not multiply guesses at a password."""
    document = """mutation ($a: RecordSignInput!) { a: recordSign(input: $a) { errors { code } }
        b: recordSign(input: $a) { errors { code } } }"""
    finding = await finding_commands.write()
    values = {"recordId": finding["id"], "expectedVersion": 1, "signature": signature("REVIEWED")}
    async with kim.signed_in() as api:
        assert await api.refusal(document, a=values) == "QUERY_TOO_COMPLEX"


async def test_signatures_are_for_those_who_see_the_record(
    api: Client, finding_commands: FindingCommands, kim: Person, employee: Person
) -> None:
    async with kim.signed_in() as other:
        mine = (await sign(other, await finding_commands.write()))["signature"]
        hidden = (await sign(other, await finding_commands.write(ownerId=kim.id), "AUTHORED"))[
            "signature"
        ]
    document = """query ($id: ID!) { signatures { totalCount nodes { id } }
        signature(by: {id: $id}) { id } signatureVerify(signatureId: $id) { isIntact } }"""
    async with employee.signed_in() as client:
        data = await client.ask(document, id=hidden["id"])
    assert data == {
        "signatures": {"totalCount": 1, "nodes": [{"id": mine["id"]}]},
        "signature": None,
        "signatureVerify": None,
    }


async def test_statements_do_not_grow_with_the_signatures(
    api: Client, finding_commands: FindingCommands, kim: Person
) -> None:
    async with kim.signed_in() as other:
        for _ in range(6):
            finding = await finding_commands.write()
            for meaning in ("REVIEWED", "ACKNOWLEDGED"):
                await sign(other, finding, meaning)
    counts = []
    for size in (2, 6, 12):
        await api.ask(f"""{{ signatures(first: {size}) {{ totalCount nodes {{ state supersededAt
            signer {{ name }} subject {{ id }} }} }} }}""")
        first = len(api.statements)
        await api.ask(f"""{{ findings(first: {size}) {{ nodes {{ title signatures(first: 5) {{
            totalCount nodes {{ state meaning signer {{ name }} }} }} }} }} }}""")
        counts.append((first, len(api.statements)))
    assert counts[0] == counts[1] == counts[2]


TAMPERED = {
    "record": ("UPDATE findings SET title = 'Nothing'", True, False),
    "name": ("UPDATE signatures SET printed_name = 'Somebody'", False, True),
    "meaning": ("UPDATE signatures SET meaning = 'ACKNOWLEDGED'", False, True),
    "content": ("UPDATE signatures SET content_sha256 = 'ab'", False, False),
}


@pytest.mark.parametrize(("statement", "intact", "unchanged"), TAMPERED.values(), ids=TAMPERED)
async def test_tampering_past_the_server_shows(
    scratch: Any, statement: str, *, intact: bool, unchanged: bool
) -> None:
    company = await Hiring(scratch).company()
    kim = await company.hire(Role.QUALITY_MANAGER)
    async with company.owner.signed_in() as api, kim.signed_in() as other:
        finding = await (await prepare_finding_commands(company, api, kim.id)).write(ownerId=None)
        created = (await sign(other, finding))["signature"]
        async with scratch.engine.begin() as superuser:
            await superuser.execute(sa.text("SET LOCAL session_replication_role = replica"))
            await superuser.execute(sa.text(statement))
        signature_verify = (await api.ask(VERIFY, id=created["id"]))["signatureVerify"]
        assert (signature_verify["isIntact"], signature_verify["isContentUnchanged"]) == (
            intact,
            unchanged,
        )
        assert (await api.ask("{ trailVerify { isIntact } }"))["trailVerify"]["isIntact"]


@pytest.mark.parametrize(
    "statement", ["UPDATE signatures SET version = 2", "DELETE FROM signatures"]
)
async def test_nobody_changes_or_removes_a_signature(
    company: Company, finding_commands: FindingCommands, kim: Person, statement: str
) -> None:
    async with kim.signed_in() as api:
        await sign(api, await finding_commands.write())
    with pytest.raises(DBAPIError) as refused:
        async with company.application.database.write(Scope(company.organization_id)) as session:
            await session.execute(sa.text(statement))
    assert getattr(refused.value.orig, "sqlstate", None) == "42501"
    async with company.application.engine.connect() as superuser:
        with pytest.raises(DBAPIError, match="append-only"):
            await superuser.execute(sa.text(statement))


async def test_a_signature_of_an_earlier_release_is_judged_by_what_is_sealed_now(
    api: Client, company: Company, finding_commands: FindingCommands, kim: Person
) -> None:
    """It has no manifest, and its digest covers all columns; its hash still verifies."""
    finding = await finding_commands.write()
    async with work_of(company, "recordSign") as work:
        row = await work.get(Finding, ids.split(finding["id"])[1])
        former = Signature(
            organization_id=company.organization_id,
            id=ids.uuid7(),
            subject_type="fnd",
            subject_id=row.id,
            subject_version=row.version,
            meaning=Meaning.REVIEWED,
            printed_name="Kim",
            statement="I reviewed this.",
            action="recordSign",
            content_sha256=content_digest(audit_content.content(row)),
            signed_at=clock.now(),
            auth_method=SignatureMethod.PASSWORD,
            signer_id=kim.user_id,
        )
        former.sha256 = signature_digest(former)
        await work.add(former)
    finding = await finding_commands.step(finding, "findingOpen")
    finding = await finding_commands.step(finding, "findingRecordContainment")
    verification = (await api.ask(VERIFY, id=former.public_id))["signatureVerify"]
    expected = {"isIntact": True, "isContentUnchanged": True, "signature": {"state": "VALID"}}
    assert verification == expected
    await done(api, "findingCorrect", **at(finding, severity=2, reason="Rated."))
    verification = (await api.ask(VERIFY, id=former.public_id))["signatureVerify"]
    assert verification == {
        "isIntact": True,
        "isContentUnchanged": False,
        "signature": {"state": "SUPERSEDED"},
    }

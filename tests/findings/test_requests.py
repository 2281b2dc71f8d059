"""Two persons decide on the end of an issued MAJOR: one requests, another approves and signs."""

from datetime import timedelta
from typing import Any

import pytest

from qgp.findings.model import FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from tests import factories
from tests.company import Client, Company, signature
from tests.evidence import unchanged
from tests.findings.finding_commands import TERM, FindingCommands, at, blockers, done, read
from tests.kit.work import work_of
from tests.standards.standard_commands import errors_of

REASON = {"reason": "The rule does not apply."}
SIGNED = {"signature": signature("APPROVED")}
GRANTED = {**REASON, **SIGNED}


async def test_an_issued_major_is_graded_down_by_two_persons(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.walk("findingOpen", grade="MAJOR")
    down = {"grade": "OBSERVATION", **REASON}
    other = await company.hire(Role.QUALITY_MANAGER)
    async with unchanged(company):
        assert errors_of(await api.do("findingRegrade", **at(finding, **down))) == [
            ("BAD_USER_INPUT", "grade")
        ]
        early = await api.do("findingApproveRegrade", **at(finding, **SIGNED))
        assert blockers(early) == ["REQUESTED"]
    finding = (await done(api, "findingRequestRegrade", **at(finding, **down)))["finding"]
    shown = "grade requestedChange requestedGrade requestReason requestedBy { id }"
    assert await read(api, finding, shown) == {
        "grade": "MAJOR",
        "requestedChange": "REGRADE",
        "requestedGrade": "OBSERVATION",
        "requestReason": REASON["reason"],
        "requestedBy": {"id": company.owner.id},
    }
    async with unchanged(company):
        payload = await api.do("findingApproveRegrade", **at(finding, **SIGNED))
        assert blockers(payload) == ["APPROVER_DIFFERS"]
    async with other.signed_in() as approver:
        await done(approver, "findingApproveRegrade", **at(finding, **SIGNED))
    row = await read(api, finding, "grade reference alias closureDueOn requestedChange")
    year = clock.today().year
    assert row == {
        "grade": "OBSERVATION",
        "reference": f"NC-{year}-0001",
        "alias": f"OBS-{year}-0001",
        "closureDueOn": None,
        "requestedChange": None,
    }
    meanings = await read(api, finding, "signatures { nodes { meaning signer { id } } }")
    assert meanings["signatures"]["nodes"] == [{"meaning": "APPROVED", "signer": {"id": other.id}}]


async def test_a_major_that_was_graded_down_still_takes_two_persons(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    """Who approved MINOR approved neither OBSERVATION nor the end of the finding."""
    finding = await finding_commands.walk("findingOpen", grade="MAJOR")
    other = await company.hire(Role.QUALITY_MANAGER)
    down = at(finding, grade="MINOR", **REASON)
    finding = (await done(api, "findingRequestRegrade", **down))["finding"]
    async with other.signed_in() as approver:
        approved = await done(approver, "findingApproveRegrade", **at(finding, **SIGNED))
    finding = approved["finding"]
    async with unchanged(company):
        lower = await api.do("findingRegrade", **at(finding, grade="OBSERVATION", **REASON))
        assert errors_of(lower) == [("BAD_USER_INPUT", "grade")]
        void = await api.do("findingVoid", **at(finding, **REASON, **SIGNED))
        assert blockers(void) == ["REQUESTED"]
        term = {"acceptedUntil": str(TERM)}
        conceded = await api.do("findingGrantConcession", **at(finding, **REASON, **SIGNED, **term))
        assert blockers(conceded) == ["APPROVER_DIFFERS", "REQUESTED"]
        same = await api.do("findingRequestRegrade", **at(finding, grade="MINOR", **REASON))
        assert errors_of(same) == [("BAD_USER_INPUT", "grade")]
    requested = await done(api, "findingRequestVoid", **at(finding, **REASON))
    finding = (await done(api, "findingRejectRequest", **at(requested["finding"], **REASON)))[
        "finding"
    ]
    await done(api, "findingRegrade", **at(finding, grade="MAJOR", **REASON))
    assert (await read(api, finding, "grade"))["grade"] == "MAJOR"


async def test_an_issued_major_is_voided_by_two_persons(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    """Its owner is not one who approves, not even once it has another owner."""
    owner, other = [await company.hire(Role.QUALITY_MANAGER) for _ in "12"]
    finding = await finding_commands.walk("findingOpen", grade="MAJOR", ownerId=owner.id)
    change = {"ownerId": finding_commands.ids["owner"]}
    finding = (await done(api, "findingUpdate", **at(finding, **change)))["finding"]
    async with unchanged(company):
        alone = await api.do("findingVoid", **at(finding, **REASON, **SIGNED))
        assert blockers(alone) == ["REQUESTED"]
    finding = (await done(api, "findingRequestVoid", **at(finding, **REASON)))["finding"]
    rejected = await done(api, "findingRejectRequest", **at(finding, **REASON))
    finding = (await done(api, "findingRequestVoid", **at(rejected["finding"], **REASON)))[
        "finding"
    ]
    async with unchanged(company), owner.signed_in() as former, other.signed_in() as approver:
        for client in (api, former):
            payload = await client.do("findingVoid", **at(finding, **REASON, **SIGNED))
            assert blockers(payload) == ["APPROVER_DIFFERS"]
        unsigned = await approver.do("findingVoid", **at(finding, **REASON))
        assert blockers(unsigned) == ["SIGNATURE"]
    async with other.signed_in() as approver:
        ended = await done(approver, "findingVoid", **at(finding, **REASON, **SIGNED))
    assert ended["finding"]["status"] == FindingStatus.VOID


async def test_a_concession_has_a_longest_term(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    """And a MAJOR gets the one that another person requested."""
    minor = await finding_commands.walk("findingOpen")
    last = clock.months_after(clock.today(), 12)
    approver = finding_commands.approver
    assert approver is not None
    async with unchanged(company), approver.signed_in() as client:
        for until, code in ((None, "REQUIRED"), (last + timedelta(1), "OUT_OF_RANGE")):
            values: dict[str, Any] = {} if until is None else {"acceptedUntil": str(until)}
            granted = at(minor, **REASON, **SIGNED, **values)
            payload = await client.do("findingGrantConcession", **granted)
            assert errors_of(payload) == [(code, "acceptedUntil")]
            message = payload["errors"][0]["message"]
            assert "within 12 months" in message
            assert str(last) in message
    major = await finding_commands.walk("findingOpen", grade="MAJOR")
    term = {"acceptedUntil": str(TERM)}
    async with approver.signed_in() as client:
        alone = await client.do("findingGrantConcession", **at(major, **REASON, **SIGNED, **term))
        assert blockers(alone) == ["REQUESTED"]
        requested = await done(api, "findingRequestConcession", **at(major, **REASON, **term))
        major = requested["finding"]
        longer = at(major, **REASON, **SIGNED, acceptedUntil=str(last))
        payload = await client.do("findingGrantConcession", **longer)
        assert errors_of(payload) == [("BAD_USER_INPUT", "acceptedUntil")]
        await done(client, "findingGrantConcession", **at(major, **REASON, **SIGNED))
    row = await read(api, major, "status acceptedUntil")
    assert row == {"status": "ACCEPTED", "acceptedUntil": str(TERM)}


@pytest.mark.parametrize("grade", ["MINOR", "MAJOR"])
async def test_the_longest_term_of_concessions_counts_from_the_first(
    api: Client, company: Company, finding_commands: FindingCommands, grade: str
) -> None:
    """Beyond it two persons sign, whatever the grade: one requests it, another approves."""
    now = clock.now()
    with clock.fixed(now - timedelta(200)):
        async with work_of(company) as work:
            columns: dict[str, Any] = {"grade": FindingGrade(grade), "accepted_until": TERM}
            row = await work.add(factories.finding(FindingStatus.ACCEPTED, **columns))
            row.enter(FindingStatus.OPEN)
            await work.change(row, {"accepted_until": None})
    finding: dict[str, Any] = {"id": row.public_id, "version": row.version}
    last = clock.months_after((now - timedelta(200)).date(), 12)
    within, beyond = [{"acceptedUntil": str(last + timedelta(days))} for days in (0, 1)]
    requester, approver = await company.hire(Role.QUALITY_MANAGER), finding_commands.approver
    assert approver is not None
    async with requester.signed_in() as first, approver.signed_in() as second:
        async with unchanged(company):
            alone = await second.do("findingGrantConcession", **at(finding, **GRANTED, **beyond))
            assert errors_of(alone) == [("OUT_OF_RANGE", "acceptedUntil")]
            unsigned = at(finding, **REASON, **beyond)
            payload = await first.do("findingRequestConcession", **unsigned)
            assert errors_of(payload) == [("REQUIRED", "signature")]
            assert str(last) in payload["errors"][0]["message"]
            if grade == "MINOR":
                payload = await first.do(
                    "findingRequestConcession", **at(finding, **REASON, **within)
                )
                assert errors_of(payload) == [("BAD_USER_INPUT", "id")]
        requested = await done(
            first, "findingRequestConcession", **at(finding, **GRANTED, **beyond)
        )
        finding = requested["finding"]
        async with unchanged(company):
            alone = await first.do("findingGrantConcession", **at(finding, **GRANTED))
            assert blockers(alone) == ["APPROVER_DIFFERS"]
        finding = (await done(second, "findingGrantConcession", **at(finding, **GRANTED)))[
            "finding"
        ]
        signed = await read(
            api, finding, "acceptedUntil signatures { nodes { state signer { id } } }"
        )
        assert signed == {
            "acceptedUntil": beyond["acceptedUntil"],
            "signatures": {
                "nodes": [
                    {"state": "VALID", "signer": {"id": person.id}}
                    for person in (requester, approver)
                ]
            },
        }
        if grade == "MINOR":
            finding = await finding_commands.step(finding, "findingRevokeConcession")
            await done(second, "findingGrantConcession", **at(finding, **GRANTED, **within))


async def test_recurrences_have_no_cycle(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    first = await finding_commands.write()
    second = await finding_commands.write(repeatOfId=first["id"])
    third = await finding_commands.write(repeatOfId=second["id"])
    async with unchanged(company):
        for later in (second, third):
            payload = await api.do("findingUpdate", **at(first, repeatOfId=later["id"]))
            assert errors_of(payload) == [("BAD_USER_INPUT", "repeatOfId")]
    await done(api, "findingUpdate", **at(third, repeatOfId=first["id"]))

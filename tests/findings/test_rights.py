"""Who writes and sees findings: roles, whom they concern, and nobody of another organization."""

import pytest

from qgp.findings.model import ENDED, Finding, FindingStatus
from qgp.kit import clock, ids
from qgp.kit.policy import QUALITY, Role
from tests.company import Client, Company, Hiring, Person, texts
from tests.evidence import unchanged
from tests.findings.finding_commands import SHOWN, FindingCommands, at, done, read
from tests.kit.work import work_of
from tests.matrix import role_cases, tied_cases
from tests.standards.standard_commands import errors_of

REPORTERS = {*Role} - {Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT}
UPDATERS = REPORTERS - {Role.EMPLOYEE, Role.RISK_MANAGER}
VIEWER_CAN = ("viewerCanUpdate", "viewerCanRegrade", "viewerCanCorrect")
STATES = [*FindingStatus]
INSIDERS = {*Role} - {Role.SUPPLIER_CONTACT}
# One who may update and regrade, one who may update, two who may report, one who may read.
KINDS = (
    *(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE, Role.RISK_MANAGER),
    Role.EXTERNAL_AUDITOR,
)
GRADERS = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER, Role.LEAD_AUDITOR}


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_who_may_write(
    company: Company, finding_commands: FindingCommands, role: Role
) -> None:
    finding = await finding_commands.write()
    own_values = {"grade": "OFI", "sourceType": "SELF_REPORT", "title": "Mine"}
    rights = (
        ("findingCreate", own_values, REPORTERS),
        ("findingUpdate", at(finding, title="x"), UPDATERS),
        ("findingRegrade", at(finding, grade="OFI", reason="x"), GRADERS),
        ("causeCategoryCreate", {"code": f"C{role}"[:40], "name": "x"},
         {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER}),
    )  # fmt: skip
    async with (await company.hire(role)).signed_in() as api:
        for mutation, values, allowed in rights:
            title = mutation[0].upper() + mutation[1:]
            document = (f"mutation ($input: {title}Input!) {{ {mutation}(input: $input) "
                        "{ errors { code } } }")  # fmt: skip
            if mutation == "findingUpdate" and role in REPORTERS - UPDATERS:
                async with unchanged(company):
                    refused = await api.do(mutation, SHOWN, **values)
                hidden = [("NOT_FOUND" if role is Role.EMPLOYEE else "FORBIDDEN", "id")]
                assert errors_of(refused) == hidden
                continue
            if role not in allowed:
                async with unchanged(company):
                    assert await api.refusal(document, input=values) == "FORBIDDEN", mutation
                continue
            now = await read(finding_commands.api, finding, "version")
            current = {"expectedVersion": now["version"]} if "id" in values else {}
            done = await api.ask(document, input={**values, **current})
            assert done == {mutation: {"errors": []}}, mutation
        if role is not Role.SUPPLIER_CONTACT:
            record = await read(api, finding, "viewerCanUpdate viewerCanRegrade")
            expected = {"viewerCanUpdate": role in UPDATERS, "viewerCanRegrade": role in GRADERS}
            assert record == (None if role is Role.EMPLOYEE else expected)


def may_update(role: Role, state: FindingStatus, *, is_own: bool) -> bool:
    """Say whether a person of the role may change a finding in the state."""
    if state in {FindingStatus.CLOSED, FindingStatus.ACCEPTED, FindingStatus.VOID}:
        return False
    is_own_draft = is_own and state is FindingStatus.DRAFT
    return role in UPDATERS or (role in REPORTERS and is_own_draft)


@pytest.mark.parametrize(
    ("role", "is_own"),
    tied_cases(
        {
            False: role_cases(*KINDS, among=sorted(INSIDERS)),
            True: role_cases(Role.EMPLOYEE, among=sorted(REPORTERS)),
        }
    ),
)
async def test_what_the_viewer_can_is_what_happens(
    api: Client, company: Company, role: Role, is_own: bool
) -> None:
    """For every state: an update, and another grade."""
    person = await company.hire(role)
    async with person.signed_in() as asking:
        for state in STATES:
            owner = person if role in REPORTERS else company.owner
            row = await reported(company, asking if is_own else api, state, owner)
            shown = await read(asking, {"id": row.public_id}, " ".join(VIEWER_CAN))
            may_grade = role in GRADERS and (role in QUALITY or state is FindingStatus.DRAFT)
            may = {
                "viewerCanUpdate": may_update(role, state, is_own=is_own),
                "viewerCanRegrade": may_grade and may_update(role, state, is_own=is_own),
                "viewerCanCorrect": role in QUALITY and state not in {"DRAFT", *ENDED},
            }
            assert shown == may, state
            for field, mutation, values in (
                ("viewerCanUpdate", "findingUpdate", {"rootCause": "y"}),
                ("viewerCanRegrade", "findingRegrade", {"grade": "OBSERVATION", "reason": "x"}),
                ("viewerCanCorrect", "findingCorrect", {"title": state.value, "reason": "x"}),
            ):
                title = mutation[0].upper() + mutation[1:]
                document = (f"mutation ($input: {title}Input!) {{ {mutation}(input: $input) "
                            "{ finding { version } errors { code } } }")  # fmt: skip
                sent = {"id": row.public_id, "expectedVersion": row.version, **values}
                if not may[field]:
                    async with unchanged(company):
                        answer = await asking.send(document, input=sent)
                    assert "errors" in answer or answer["data"][mutation]["errors"], (state, field)
                    continue
                payload = (await asking.ask(document, input=sent))[mutation]
                assert payload["errors"] == [], (state, field)
                row.version = payload["finding"]["version"]


async def reported(company: Company, api: Client, state: FindingStatus, owner: Person) -> Finding:
    """Write a finding down, and put it into a state past its own commands."""
    values = {"grade": "OFI", "sourceType": "SELF_REPORT", "title": "x", "ownerId": owner.id}
    finding = (await done(api, "findingCreate", **values))["finding"]
    day = {FindingStatus.CLOSED: "closed_on", FindingStatus.ACCEPTED: "accepted_until"}
    async with work_of(company) as work:
        row = await work.get(Finding, ids.decode("fnd", finding["id"]))
        row.enter(state)
        facts = {day[state]: clock.today()} if state in day else {}
        return await work.change(row, {"requirement_text": "x", **facts})


async def test_who_reported_a_draft_completes_it(company: Company, employee: Person) -> None:
    async with employee.signed_in() as api:
        own_values = {"grade": "OFI", "sourceType": "SELF_REPORT", "title": "Mine"}
        draft = (await done(api, "findingCreate", **own_values))["finding"]
        async with unchanged(company):
            other = await api.do("findingUpdate", **at(draft, sourceType="AUDIT"))
            assert errors_of(other) == [("BAD_USER_INPUT", "sourceType")]
        facts = {"statement": "x", "evidenceText": "x", "ownerId": company.owner.id}
        draft = (await done(api, "findingUpdate", **at(draft, **facts)))["finding"]
        opened = (await done(api, "findingOpen", **at(draft)))["finding"]
        async with unchanged(company):
            late = await api.do("findingUpdate", **at(opened, title="y"))
        (error,) = late["errors"]
        assert (error["code"], error["path"]) == ("FORBIDDEN", ["id"])
        assert "Ask somebody who is PROCESS_OWNER, HSE_MANAGER," in error["message"]


async def test_an_employee_reports_and_sees_what_concerns_them(
    company: Company, finding_commands: FindingCommands, employee: Person
) -> None:
    assigned = await finding_commands.write()
    hidden = await finding_commands.write(ownerId=company.owner.id)
    detected = await finding_commands.write(ownerId=None, detectedById=employee.id)
    async with employee.signed_in() as api:
        own_values = {"grade": "OFI", "sourceType": "SELF_REPORT", "title": "Mine"}
        mine = (await done(api, "findingCreate", **own_values))["finding"]
        async with unchanged(company):
            other = await api.do("findingCreate", **{**own_values, "sourceType": "AUDIT"})
            assert errors_of(other) == [("BAD_USER_INPUT", "sourceType")]
            repeat = await api.do("findingCreate", **own_values, repeatOfId=hidden["id"])
            assert errors_of(repeat) == [("NOT_FOUND", "repeatOfId")]
            moved = await api.do("findingStartAnalysis", **at(hidden))
            assert errors_of(moved) == [("NOT_FOUND", "id")]
        data = await api.ask("""{ findings { totalCount nodes { id } }
            findingClauses { totalCount } }""")
        assert texts(data["findings"]["nodes"], "id") == sorted(
            f["id"] for f in (assigned, detected, mine)
        )
        assert data["findings"]["totalCount"] == 3
        assert data["findingClauses"]["totalCount"] == 2
        assert await read(api, hidden, "id") is None


async def test_a_register_belongs_to_one_organization(
    finding_commands: FindingCommands, hire: Hiring
) -> None:
    finding = await finding_commands.write()
    async with (await hire.company()).owner.signed_in() as other:
        document = """query ($id: ID!, $r: String!) { a: finding(by: {id: $id}) { id }
            b: finding(by: {reference: $r}) { id } findings { totalCount } }"""
        data = await other.ask(document, id=finding["id"], r=finding["reference"])
        assert data == {"a": None, "b": None, "findings": {"totalCount": 0}}
        payload = await other.do("findingUpdate", SHOWN, **at(finding, title="x"))
        assert errors_of(payload) == [("NOT_FOUND", "id")]

"""Who writes and sees findings: roles, whom they concern, and nobody of another organization."""

import pytest

from qgp.kit.policy import Role
from tests.company import Company, Hiring, Person, texts
from tests.evidence import unchanged
from tests.findings.register import SHOWN, Place, at, done, read
from tests.standards.library import told

REPORTERS = {*Role} - {Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT}
UPDATERS = REPORTERS - {Role.EMPLOYEE, Role.RISK_MANAGER}
GRADERS = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER, Role.LEAD_AUDITOR}


@pytest.mark.parametrize("role", Role)
async def test_who_may_write(company: Company, place: Place, role: Role) -> None:
    finding = await place.write()
    own = {"grade": "OFI", "sourceType": "SELF_REPORT", "title": "Mine"}
    rights = (
        ("findingCreate", own, REPORTERS),
        ("findingUpdate", at(finding, title="x"), UPDATERS),
        ("findingRegrade", at(finding, grade="MINOR", reason="x"), GRADERS),
        ("causeCategoryCreate", {"code": f"C{role}"[:40], "name": "x"},
         {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER}),
    )  # fmt: skip
    async with (await company.hire(role)).signed_in() as api:
        for mutation, given, allowed in rights:
            title = mutation[0].upper() + mutation[1:]
            document = (f"mutation ($input: {title}Input!) {{ {mutation}(input: $input) "
                        "{ errors { code } } }")  # fmt: skip
            if role not in allowed:
                async with unchanged(company):
                    assert await api.refusal(document, input=given) == "FORBIDDEN", mutation
                continue
            now = await read(place.api, finding, "version")
            current = {"expectedVersion": now["version"]} if "id" in given else {}
            done = await api.ask(document, input={**given, **current})
            assert done == {mutation: {"errors": []}}, mutation
        if role is not Role.SUPPLIER_CONTACT:
            found = await read(api, finding, "viewerCanUpdate viewerCanRegrade")
            expected = {"viewerCanUpdate": role in UPDATERS, "viewerCanRegrade": role in GRADERS}
            assert found == (None if role is Role.EMPLOYEE else expected)


async def test_an_employee_reports_and_sees_what_concerns_them(
    company: Company, place: Place, worker: Person
) -> None:
    assigned = await place.write()
    hidden = await place.write(ownerId=company.owner.id)
    detected = await place.write(ownerId=None, detectedById=worker.id)
    async with worker.signed_in() as api:
        own = {"grade": "OFI", "sourceType": "SELF_REPORT", "title": "Mine"}
        mine = (await done(api, "findingCreate", **own))["finding"]
        async with unchanged(company):
            other = await api.do("findingCreate", **{**own, "sourceType": "AUDIT"})
            assert told(other) == [("BAD_USER_INPUT", "sourceType")]
            repeat = await api.do("findingCreate", **own, repeatOfId=hidden["id"])
            assert told(repeat) == [("NOT_FOUND", "repeatOfId")]
            moved = await api.do("findingAnalyze", **at(hidden))
            assert told(moved) == [("NOT_FOUND", "id")]
        found = await api.ask("""{ findings { totalCount nodes { id } }
            findingClauses { totalCount } }""")
        assert texts(found["findings"]["nodes"], "id") == sorted(
            f["id"] for f in (assigned, detected, mine)
        )
        assert found["findings"]["totalCount"] == 3
        assert found["findingClauses"]["totalCount"] == 2
        assert await read(api, hidden, "id") is None


async def test_a_register_belongs_to_one_organization(place: Place, hire: Hiring) -> None:
    finding = await place.write()
    async with (await hire.company()).owner.signed_in() as other:
        asked = """query ($id: ID!, $r: String!) { a: finding(by: {id: $id}) { id }
            b: finding(by: {reference: $r}) { id } findings { totalCount } }"""
        found = await other.ask(asked, id=finding["id"], r=finding["reference"])
        assert found == {"a": None, "b": None, "findings": {"totalCount": 0}}
        payload = await other.do("findingUpdate", SHOWN, **at(finding, title="x"))
        assert told(payload) == [("NOT_FOUND", "id")]

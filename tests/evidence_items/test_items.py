"""What can be collected, who sees and changes it, and how it is withdrawn."""

from typing import Any

import pytest

from qgp.kit.policy import EVERYONE, QUALITY, Role
from tests.comments.comment_commands import at, code, say, task
from tests.company import Client, Company, texts
from tests.evidence import unchanged
from tests.evidence_items.evidence_commands import ITEM, WHOLE, collect
from tests.matrix import role_cases

MEMBERS = sorted(EVERYONE - {Role.SUPPLIER_CONTACT})
CONFIDANTS = QUALITY | {Role.LEAD_AUDITOR}
FOUND = """query ($id: ID!) { action(by: {id: $id}) { evidence { totalCount nodes { title } } }
    evidenceItems { nodes { title } } }"""


async def found(api: Client, about: str) -> list[str]:
    """Return what somebody finds below a record, which is all that they find."""
    data = await api.ask(FOUND, id=about)
    assert data["action"]["evidence"]["nodes"] == data["evidenceItems"]["nodes"]
    assert data["action"]["evidence"]["totalCount"] == len(data["evidenceItems"]["nodes"])
    return texts(data["evidenceItems"]["nodes"], "title")


async def test_evidence_tells_what_it_is_and_who_collected_it(
    api: Client, company: Company
) -> None:
    about = await task(api, company.owner.id)
    item = await collect(api, about)
    assert item == {
        "id": item["id"],
        "version": 1,
        "reference": "EVD-2026-0001",
        **WHOLE,
        "confidentiality": "INTERNAL",
        "withdrawnAt": None,
        "withdrawalReason": None,
        "viewerCanUpdate": True,
        "viewerCanWithdraw": True,
        "collectedBy": {"id": company.owner.id},
        "subject": {"id": about},
        "record": None,
    }


async def test_a_record_is_evidence_about_another(api: Client, company: Company) -> None:
    about, other = [await task(api, company.owner.id) for _ in range(2)]
    values = {"kind": "RECORD", "url": None}
    assert (await collect(api, about, **values, recordId=other))["record"] == {"id": other}
    async with unchanged(company):
        for wrong, expected, path in (
            ({**values, "recordId": about}, "BAD_USER_INPUT", "recordId"),
            ({**values}, "REQUIRED", "recordId"),
            ({**values, "recordId": other, "url": WHOLE["url"]}, "BAD_USER_INPUT", "url"),
            ({"recordId": other}, "BAD_USER_INPUT", "recordId"),
            ({"url": None}, "REQUIRED", "url"),
            (
                {"periodStartOn": "2026-02-02", "periodEndOn": "2026-02-01"},
                "OUT_OF_RANGE",
                "periodEndOn",
            ),
        ):
            inputs = {**WHOLE, "subjectId": about, **wrong}
            assert await code(api, "evidenceItemCreate", **inputs) == (expected, path)


async def test_evidence_is_about_no_evidence(api: Client, company: Company) -> None:
    item = await collect(api, await task(api, company.owner.id))
    async with unchanged(company):
        refused = await code(api, "evidenceItemCreate", **{**WHOLE, "subjectId": item["id"]})
        assert refused == ("BAD_USER_INPUT", "subjectId")


@pytest.mark.parametrize(
    "role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE, among=MEMBERS)
)
async def test_who_sees_the_subject_sees_its_evidence_unless_it_is_confidential(
    api: Client, company: Company, role: Role
) -> None:
    person = await company.hire(role)
    about = await task(api, person.id if role is Role.EMPLOYEE else company.owner.id)
    for kind in ("PUBLIC", "INTERNAL", "CONFIDENTIAL"):
        await collect(api, about, title=kind, confidentiality=kind)
    async with person.signed_in() as other:
        expected = ["PUBLIC", "INTERNAL", *(["CONFIDENTIAL"] if role in CONFIDANTS else [])]
        assert await found(other, about) == expected
        if role is not Role.EXTERNAL_AUDITOR:
            await collect(other, about, title="own", confidentiality="CONFIDENTIAL")
            assert await found(other, about) == [*expected, "own"]


async def test_an_employee_finds_nothing_about_what_they_do_not_see(
    api: Client, company: Company
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    hidden, own_record = await task(api, company.owner.id), await task(api, eve.id)
    item = await collect(api, hidden)
    shown = await collect(api, own_record, kind="RECORD", url=None, recordId=hidden)
    said = await say(api, item["id"])
    async with eve.signed_in() as other:
        document = "{ evidenceItems { nodes { id record { id } } } comments { nodes { id } } }"
        assert await other.ask(document) == {
            "evidenceItems": {"nodes": [{"id": shown["id"], "record": None}]},
            "comments": {"nodes": []},
        }
        async with unchanged(company):
            values: dict[str, Any] = {**WHOLE, "subjectId": hidden}
            assert await code(other, "evidenceItemCreate", **values) == ("NOT_FOUND", "subjectId")
            values = {
                **WHOLE,
                "kind": "RECORD",
                "url": None,
                "subjectId": own_record,
                "recordId": hidden,
            }
            assert await code(other, "evidenceItemCreate", **values) == ("NOT_FOUND", "recordId")
            assert await code(other, "commentDelete", **at(said)) == ("NOT_FOUND", "id")
            about = {"subjectId": item["id"], "body": "x"}
            assert await code(other, "commentCreate", **about) == ("NOT_FOUND", "subjectId")


async def test_it_is_described_better_and_keeps_when_it_came(api: Client, company: Company) -> None:
    item = await collect(api, await task(api, company.owner.id))
    when = "query ($id: ID!) { evidenceItem(by: {id: $id}) { collectedAt expiresOn } }"
    before = (await api.ask(when, id=item["id"]))["evidenceItem"]
    change = {"title": "Label", "expiresOn": "2027-01-01", "confidentiality": "CONFIDENTIAL"}
    done = (await api.do("evidenceItemUpdate", ITEM, **at(item, **change)))["evidenceItem"]
    assert (done["version"], done["title"]) == (2, "Label")
    after = (await api.ask(when, id=item["id"]))["evidenceItem"]
    assert after == {**before, "expiresOn": "2027-01-01"}
    async with unchanged(company):
        stale = await code(api, "evidenceItemUpdate", **at(item, title="x"))
        assert stale[0] == "STALE_VERSION"


async def test_what_is_withdrawn_stays_with_the_reason(api: Client, company: Company) -> None:
    about = await task(api, company.owner.id)
    item = await collect(api, about)
    why = "It shows another gauge."
    gone = (await api.do("evidenceItemWithdraw", ITEM, **at(item, reason=why)))["evidenceItem"]
    assert gone["withdrawalReason"] == why
    assert (gone["viewerCanUpdate"], gone["viewerCanWithdraw"]) == (False, False)
    assert await found(api, about) == [WHOLE["title"]]
    async with unchanged(company):
        for mutation, more in (
            ("evidenceItemUpdate", {"title": "x"}),
            ("evidenceItemWithdraw", {"reason": "x"}),
        ):
            refused = await code(api, mutation, **at(gone, **more))
            assert refused == ("BAD_USER_INPUT", "id")


@pytest.mark.parametrize(
    "role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE, among=MEMBERS)
)
@pytest.mark.parametrize("is_own", [True, False], ids=["own", "another's"])
async def test_what_the_viewer_can_is_what_happens(
    api: Client, company: Company, role: Role, *, is_own: bool
) -> None:
    if is_own and role is Role.EXTERNAL_AUDITOR:
        return  # they collect nothing
    person = await company.hire(role)
    about = await task(api, person.id if role is Role.EMPLOYEE else company.owner.id)
    query = """query ($id: ID!) { evidenceItem(by: {id: $id}) {
        viewerCanUpdate viewerCanWithdraw } }"""
    async with person.signed_in() as other:
        for mutation, key, more in (
            ("evidenceItemUpdate", "viewerCanUpdate", {"title": "x"}),
            ("evidenceItemWithdraw", "viewerCanWithdraw", {"reason": "x"}),
        ):
            item = await collect(other if is_own else api, about)
            viewer_can = (await other.ask(query, id=item["id"]))["evidenceItem"][key]
            assert viewer_can == (is_own or role in QUALITY)
            title = mutation[0].upper() + mutation[1:]
            document = f"""mutation ($i: {title}Input!) {{ {mutation}(input: $i) {{
                errors {{ code }} }} }}"""
            answer: Any = await other.send(document, i=at(item, **more))
            payload = (answer["data"] or {}).get(mutation)
            codes = [error["code"] for error in payload["errors"]] if payload else ["FORBIDDEN"]
            assert codes == ([] if viewer_can else ["FORBIDDEN"])


async def test_one_key_collects_once(api: Client, company: Company) -> None:
    about = await task(api, company.owner.id)
    first, again = [await collect(api, about, idempotencyKey="k") for _ in range(2)]
    assert first == again
    values = {**WHOLE, "title": "x", "subjectId": about, "idempotencyKey": "k"}
    assert (await code(api, "evidenceItemCreate", **values))[0] == "IDEMPOTENCY_KEY_REUSED"

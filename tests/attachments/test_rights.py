from typing import Any

import pytest

from qgp.kit.policy import Role
from tests.actions.action_commands import hand_out
from tests.attachments.uploads import (
    a_record,
    add,
    delete,
    get,
    promise,
    put,
    show,
    status_and_code,
)
from tests.company import Client, Company, Hiring, Person
from tests.files.samples import PNG
from tests.matrix import role_cases

WRITERS = frozenset(Role) - {Role.SUPPLIER_CONTACT, Role.EXTERNAL_AUDITOR}
MANAGERS = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER}
UPDATE = """mutation ($i: AttachmentUpdateInput!) { attachmentUpdate(input: $i) {
    errors { code } } }"""
DELETE = """mutation ($i: AttachmentDeleteInput!) { attachmentDelete(input: $i) {
    errors { code } } }"""
CREATE = """mutation ($i: FileUploadCreateInput!) { fileUploadCreate(input: $i) {
    attachment { id } errors { code } } }"""
SAID = {"filename": "a.png", "sizeBytes": 70, "sha256": "a" * 64}


def worker(company: Company, person: Person, role: Role) -> str:
    """Return who can own an action that the person sees, if they see any."""
    return person.id if role is Role.EMPLOYEE else company.owner.id


async def outcome(api: Client, document: str, **values: Any) -> list[str]:
    answer = await api.send(document, i=values)
    if "errors" in answer:
        return [error["extensions"]["code"] for error in answer["errors"]]
    (payload,) = answer["data"].values()
    return [error["code"] for error in payload["errors"]]


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_who_works_here_adds_files_to_what_they_see(company: Company, role: Role) -> None:
    person = await company.hire(role)
    async with company.owner.signed_in() as owner, person.signed_in() as api:
        subject = await hand_out(owner, worker(company, person, role))
        codes = await outcome(api, CREATE, subjectId=subject, **SAID)
    assert codes == ([] if role in WRITERS else ["FORBIDDEN"])


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_somebody_elses_file_is_changed_by_who_runs_quality(
    company: Company, api: Client, role: Role
) -> None:
    person = await company.hire(role)
    subject = await hand_out(api, worker(company, person, role))
    id = await add(api, subject)
    async with person.signed_in() as other:
        seen = await show(other, id)
        assert (seen is None) == (role is Role.SUPPLIER_CONTACT)
        may = role in MANAGERS
        if seen:
            assert [seen["viewerCanUpdate"], seen["viewerCanDelete"]] == [may, may]
        values: dict[str, Any] = {"id": id, "expectedVersion": 2}
        expected = [] if may else ["FORBIDDEN"]
        assert await outcome(other, UPDATE, **values, caption="Seen") == expected
        values["expectedVersion"] = 3 if may else 2
        assert await outcome(other, DELETE, **values, reason="Old.") == expected
    assert (await show(api, id))["status"] == ("DELETED" if may else "STORED")


@pytest.mark.parametrize("role", sorted(WRITERS - MANAGERS))
async def test_who_added_a_file_changes_and_deletes_it(
    company: Company, api: Client, role: Role
) -> None:
    person = await company.hire(role)
    subject = await hand_out(api, person.id)
    async with person.signed_in() as client:
        id = await add(client, subject)
        seen = await show(client, id)
        assert (seen["viewerCanUpdate"], seen["viewerCanDelete"]) == (True, True)
        assert await outcome(client, UPDATE, id=id, expectedVersion=2, caption="Mine") == []
        assert (await delete(client, id))["errors"] == []
        gone = await show(client, id)
        assert (gone["viewerCanUpdate"], gone["viewerCanDelete"]) == (False, False)
        assert await outcome(client, UPDATE, id=id, expectedVersion=4, caption="B") == [
            "BAD_USER_INPUT"
        ]
        assert await outcome(client, DELETE, id=id, expectedVersion=4, reason="B") == [
            "BAD_USER_INPUT"
        ]


async def test_an_employee_reaches_the_files_of_what_concerns_them_alone(
    company: Company, api: Client, subject: str
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    mine = await hand_out(api, eve.id)
    ours, hers = await add(api, subject), await add(api, mine, PNG)
    async with eve.signed_in() as client:
        assert await show(client, ours) is None
        data = await client.ask("{ attachments { totalCount nodes { id } } }")
        assert data["attachments"] == {"totalCount": 1, "nodes": [{"id": hers}]}
        assert await outcome(client, CREATE, subjectId=subject, **SAID) == ["NOT_FOUND"]
        for document, more in ((UPDATE, {"caption": "A"}), (DELETE, {"reason": "B"})):
            assert await outcome(client, document, id=ours, expectedVersion=2, **more) == [
                "NOT_FOUND"
            ]


async def test_an_address_ends_once_its_holder_does_not_see_the_record(
    company: Company, api: Client
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    mine = await hand_out(api, eve.id)
    id = await add(api, mine)
    async with eve.signed_in() as client:
        url = (await show(client, id, "url"))["url"]
        upload_url = (await promise(client, mine, PNG))["upload"]["url"]
        assert (await client.http.get(url)).status_code == 200
        values = {"id": mine, "expectedVersion": 1, "ownerId": company.owner.id, "reason": "Ill."}
        assert (await api.do("actionReassign", **values))["errors"] == []
        assert status_and_code(await client.http.get(url)) == (404, "NOT_FOUND")
        assert status_and_code(await put(client, upload_url, PNG)) == (404, "NOT_FOUND")


async def test_another_organization_reaches_nothing(
    hire: Hiring, api: Client, subject: str
) -> None:
    id = await add(api, subject)
    other = await hire.company()
    async with other.owner.signed_in() as stranger:
        assert await show(stranger, id) is None
        assert await outcome(stranger, CREATE, subjectId=subject, **SAID) == ["NOT_FOUND"]
        own_record = await a_record(other, stranger)
        assert (await get(stranger, await add(stranger, own_record))).status_code == 200
        data = await stranger.ask("{ attachments { totalCount } }")
        assert data["attachments"]["totalCount"] == 1


async def test_a_file_cannot_be_added_to_just_anything(company: Company, api: Client) -> None:
    codes = await outcome(api, CREATE, subjectId=company.owner.id, **SAID)
    assert codes == ["BAD_USER_INPUT"]


async def test_a_stale_version_changes_nothing(api: Client, subject: str) -> None:
    id = await add(api, subject)
    assert await outcome(api, UPDATE, id=id, expectedVersion=1, caption="A") == ["STALE_VERSION"]
    assert await outcome(api, DELETE, id=id, expectedVersion=1, reason="A") == ["STALE_VERSION"]
    assert (await show(api, id, "version status caption")) == {
        "version": 2,
        "status": "STORED",
        "caption": None,
    }

"""What can be said, by whom, and how it is taken back."""

from typing import Any

import pytest

from qgp.kit.policy import EVERYONE, QUALITY, Role
from tests.comments.comment_commands import SHOWN, at, code, say, task
from tests.company import Client, Company, texts
from tests.evidence import unchanged
from tests.matrix import role_cases

OUTSIDE = (Role.EXTERNAL_AUDITOR,)
INSIDE = sorted(EVERYONE - {*OUTSIDE, Role.SUPPLIER_CONTACT, Role.EMPLOYEE})
ALL = """query ($id: ID!) { action(by: {id: $id}) { comments { totalCount nodes { body } } }
    comments { nodes { body } } }"""


async def heard(api: Client, about: str) -> list[str]:
    """Return what somebody reads below a record, which is what they find of it."""
    data = await api.ask(ALL, id=about)
    assert data["action"]["comments"]["nodes"] == data["comments"]["nodes"]
    assert data["action"]["comments"]["totalCount"] == len(data["comments"]["nodes"])
    return texts(data["comments"]["nodes"], "body")


async def test_who_sees_a_record_says_something_about_it(api: Client, company: Company) -> None:
    about = await task(api, company.owner.id)
    said = await say(api, about, mentionIds=[company.owner.id])
    assert said == {
        "id": said["id"],
        "version": 1,
        "body": "Is it done?",
        "visibility": "INTERNAL",
        "editedAt": None,
        "deletedAt": None,
        "viewerCanUpdate": True,
        "viewerCanDelete": True,
        "parent": None,
        "mentions": [{"id": company.owner.id}],
        "subject": {"id": about, "__typename": "Action"},
    }


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, among=INSIDE))
async def test_everybody_inside_reads_and_answers(
    api: Client, company: Company, role: Role
) -> None:
    about = await task(api, company.owner.id)
    said = await say(api, about)
    person = await company.hire(role)
    async with person.signed_in() as other:
        answer = await say(other, about, "Soon.", parentId=said["id"])
        assert await heard(other, about) == ["Is it done?", "Soon."]
    assert (answer["parent"], answer["visibility"]) == ({"id": said["id"]}, "INTERNAL")


@pytest.mark.parametrize("role", OUTSIDE)
async def test_people_from_outside_read_and_write_in_the_open_alone(
    api: Client, company: Company, role: Role
) -> None:
    about = await task(api, company.owner.id)
    secret = await say(api, about, "Between us.")
    shown = await say(api, about, "Welcome.", visibility="EXTERNAL")
    await say(api, about, "Careful.", parentId=shown["id"], visibility="INTERNAL")
    person = await company.hire(role)
    async with person.signed_in() as guest:
        assert await heard(guest, about) == ["Welcome."]
        answer = await say(guest, about, "Thanks.", parentId=shown["id"])
        assert answer["visibility"] == "EXTERNAL"
        assert (await say(guest, about, "Where?"))["visibility"] == "EXTERNAL"
        values = {"subjectId": about, "body": "x"}
        async with unchanged(company):
            wrong = {**values, "visibility": "INTERNAL"}
            assert await code(guest, "commentCreate", **wrong) == ("FORBIDDEN", "visibility")
            below = {**values, "parentId": secret["id"]}
            assert await code(guest, "commentCreate", **below) == ("NOT_FOUND", "parentId")
            gone = at(secret, body="x")
            assert await code(guest, "commentUpdate", **gone) == ("NOT_FOUND", "id")


async def test_an_employee_hears_and_says_nothing_about_what_they_do_not_see(
    api: Client, company: Company
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    hidden, own_record = await task(api, company.owner.id), await task(api, eve.id)
    said = await say(api, hidden, "Not for Eve.", visibility="EXTERNAL")
    await say(api, own_record, "For Eve.")
    one = "query ($id: ID!) { comment(by: {id: $id}) { id } node(id: $id) { id } }"
    async with eve.signed_in() as other:
        assert await heard(other, own_record) == ["For Eve."]
        assert await other.ask(one, id=said["id"]) == {"comment": None, "node": None}
        async with unchanged(company):
            values = {"subjectId": hidden, "body": "x"}
            assert await code(other, "commentCreate", **values) == ("NOT_FOUND", "subjectId")
            assert await code(other, "commentDelete", **at(said)) == ("NOT_FOUND", "id")


async def test_a_comment_is_about_what_has_comments(api: Client, company: Company) -> None:
    async with unchanged(company):
        values = {"subjectId": company.owner.id, "body": "x"}
        (error,) = (await api.do("commentCreate", **values))["errors"]
    assert (error["code"], error["path"]) == ("BAD_USER_INPUT", ["subjectId"])
    assert "Finding (fnd_…)" in error["message"]
    for kind in ("Action (act_…)", "Capa (cap_…)"):
        assert kind in error["message"]


async def test_threads_have_one_level_and_one_subject(api: Client, company: Company) -> None:
    about, other = [await task(api, company.owner.id) for _ in range(2)]
    said = await say(api, about)
    answer = await say(api, about, parentId=said["id"])
    await api.do("commentDelete", **at(gone := await say(api, about)))
    async with unchanged(company):
        for parent, where, message in (
            (answer, about, "BAD_USER_INPUT"),
            (gone, about, "BAD_USER_INPUT"),
            (said, other, "NOT_FOUND"),
        ):
            values = {"subjectId": where, "body": "x", "parentId": parent["id"]}
            assert await code(api, "commentCreate", **values) == (message, "parentId")
        values = {"subjectId": about, "body": "x", "parentId": said["id"]}
        values["visibility"] = "EXTERNAL"
        assert await code(api, "commentCreate", **values) == ("BAD_USER_INPUT", "visibility")


async def test_nobody_is_called_twice_or_to_what_they_do_not_see(
    api: Client, company: Company
) -> None:
    about, me = await task(api, company.owner.id), company.owner.id
    guest = await company.hire(Role.EXTERNAL_AUDITOR)
    for mentions in ([me, me], [guest.id], [me] * 51):
        async with unchanged(company):
            values: dict[str, Any] = {"subjectId": about, "body": "x", "mentionIds": mentions}
            refused = await code(api, "commentCreate", **values)
            expected = "TOO_LONG" if len(mentions) > 50 else "BAD_USER_INPUT"
            assert refused == (expected, "mentionIds")
    said = await say(api, about, visibility="EXTERNAL", mentionIds=[guest.id])
    assert said["mentions"] == [{"id": guest.id}]


async def test_an_author_says_it_better_and_calls_others(api: Client, company: Company) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    said = await say(api, await task(api, company.owner.id), mentionIds=[company.owner.id])
    done = await api.do("commentUpdate", SHOWN, **at(said, mentionIds=[eve.id]))
    assert done["comment"]["body"] == "Is it done?"
    assert done["comment"]["mentions"] == [{"id": eve.id}]
    assert done["comment"]["editedAt"] is not None
    assert done["comment"]["version"] == 2
    async with unchanged(company):
        assert (await code(api, "commentUpdate", **at(said, body="x")))[0] == "STALE_VERSION"
        assert (await code(api, "commentDelete", **at(said)))[0] == "STALE_VERSION"


async def test_what_is_taken_back_keeps_its_place(api: Client, company: Company) -> None:
    about = await task(api, company.owner.id)
    said = await say(api, about, mentionIds=[company.owner.id])
    answer = await say(api, about, "Yes.", parentId=said["id"])
    gone = (await api.do("commentDelete", SHOWN, **at(said)))["comment"]
    assert (gone["body"], gone["mentions"]) == (None, [])
    assert gone["deletedAt"] is not None
    assert (gone["viewerCanUpdate"], gone["viewerCanDelete"]) == (False, False)
    shown = "query ($id: ID!) { comment(by: {id: $id}) { answers { nodes { id } } } }"
    data = await api.ask(shown, id=said["id"])
    assert data["comment"]["answers"]["nodes"] == [{"id": answer["id"]}]
    async with unchanged(company):
        for mutation, more in (("commentUpdate", {"body": "x"}), ("commentDelete", {})):
            assert (await code(api, mutation, **at(gone, **more)))[0] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "role",
    role_cases(
        Role.QUALITY_MANAGER,
        Role.AUDITOR,
        Role.EXTERNAL_AUDITOR,
        among=sorted(EVERYONE - {Role.SUPPLIER_CONTACT}),
    ),
)
@pytest.mark.parametrize("is_own", [True, False], ids=["own", "another's"])
async def test_what_the_viewer_can_is_what_happens(
    api: Client, company: Company, role: Role, *, is_own: bool
) -> None:
    person = await company.hire(role)
    about = await task(api, person.id if role not in OUTSIDE else company.owner.id)
    async with person.signed_in() as other:
        author = other if is_own else api
        document = "query ($id: ID!) { comment(by: {id: $id}) { viewerCanUpdate viewerCanDelete } }"
        for mutation, key, more, expected in (
            ("commentUpdate", "viewerCanUpdate", {"body": "x"}, is_own),
            ("commentDelete", "viewerCanDelete", {}, is_own or role in QUALITY),
        ):
            said = await say(author, about, visibility="EXTERNAL")
            viewer_can = (await other.ask(document, id=said["id"]))["comment"][key]
            errors = (await other.do(mutation, **at(said, **more)))["errors"]
            assert viewer_can == (not errors) == expected
            assert [error["code"] for error in errors] == ([] if expected else ["FORBIDDEN"])


async def test_one_key_says_it_once(api: Client, company: Company) -> None:
    about = await task(api, company.owner.id)
    first, again = [await say(api, about, idempotencyKey="k") for _ in range(2)]
    assert first == again
    values = {"subjectId": about, "body": "other", "idempotencyKey": "k"}
    assert (await code(api, "commentCreate", **values))[0] == "IDEMPOTENCY_KEY_REUSED"
    assert await heard(api, about) == ["Is it done?"]

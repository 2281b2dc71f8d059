"""Users: reading, inviting, changing, and the owner that an organization keeps."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from qgp.kit.email_addresses import parse
from qgp.kit.policy import ADMINISTRATORS, Role
from tests.company import Client, Company, Hiring, Person, client, texts
from tests.evidence import trail_length, unchanged
from tests.matrix import role_cases

PASSWORD = "a rather long sentence"
FACTS = """id name email role status validFrom validUntil version viewerCanUpdate
    site { code } department { code }"""
SEEN = "query ($id: ID!) { user(by: {id: $id}) { name } node(id: $id) { id } users { totalCount } }"


def errors_of(payload: Any) -> list[tuple[str, list[str] | None]]:
    return [(error["code"], error["path"]) for error in payload["errors"]]


def invitation(**facts: Any) -> dict[str, Any]:
    return {"email": "new@firm.example", "name": "New", "role": "EMPLOYEE", **facts}


@pytest.fixture
async def admin(company: Company) -> AsyncIterator[Client]:
    """An administrator who is no owner."""
    async with (await company.hire(Role.ADMIN)).signed_in() as api:
        yield api


async def test_an_invitation_returns_every_field_that_was_sent(
    api: Client, company: Company
) -> None:
    site = await api.do("siteCreate", "site { id }", code="HQ", name="Head office")
    department = await api.do("departmentCreate", "department { id }", code="QA", name="Quality")
    length = await trail_length(company)
    payload = await api.do(
        "userInvite",
        f"user {{ {FACTS} }} userEdge {{ node {{ email }} }}",
        **invitation(email=f" New@{company.slug}.Example ", validUntil="2030-01-31"),
        siteId=site["site"]["id"],
        departmentId=department["department"]["id"],
    )
    address = f"New@{company.slug}.example"
    assert payload["user"].pop("id").startswith("usr_")
    assert payload == {
        "user": {
            "name": "New",
            "email": address,
            "role": "EMPLOYEE",
            "status": "INVITED",
            "validFrom": None,
            "validUntil": "2030-01-31",
            "version": 1,
            "viewerCanUpdate": True,
            "site": {"code": "HQ"},
            "department": {"code": "QA"},
        },
        "userEdge": {"node": {"email": address}},
        "errors": [],
    }
    assert await trail_length(company) == length + 1


async def test_users_are_found_and_filtered(api: Client, company: Company) -> None:
    ann = await company.hire(Role.AUDITOR, name="Ann")
    await company.hire(Role.EMPLOYEE, name="Bob")
    for by in ({"id": ann.id}, {"email": ann.email}):
        document = "query ($by: UserBy!) { user(by: $by) { name } }"
        assert await api.ask(document, by=by) == {"user": {"name": "Ann"}}
    listed = "query ($f: UserFilter) { users(filter: $f) { totalCount nodes { name } } }"
    for filter, names in (
        ({}, ["Ann", "Bob", "Owner"]),
        ({"role": {"in": ["AUDITOR", "OWNER"]}}, ["Ann", "Owner"]),
        ({"status": {"eq": "SUSPENDED"}}, []),
        ({"not": {"name": {"startsWith": "B"}}}, ["Ann", "Owner"]),
    ):
        users = (await api.ask(listed, f=filter))["users"]
        assert (users["totalCount"], texts(users["nodes"], "name")) == (len(names), names)


async def test_a_user_is_found_by_their_address_in_every_spelling(
    api: Client, company: Company
) -> None:
    typed = f"Zoë.Weiß@Bücher-{company.slug}.Example"
    payload = await api.do("userInvite", "user { email }", **invitation(email=typed))
    shown = payload["user"]["email"]
    assert shown == parse(typed).local + "@" + parse(typed).domain
    listed = "query ($f: UserFilter) { users(filter: $f) { nodes { email } } }"
    for spelling in (typed, typed.upper().replace("WEISS", "WEIẞ"), shown, f" {shown} "):
        document = "query ($by: UserBy!) { user(by: $by) { email } }"
        assert await api.ask(document, by={"email": spelling}) == {"user": {"email": shown}}
        for condition in ({"eq": spelling}, {"in": ["a@b.c", spelling]}, {"contains": spelling}):
            data = await api.ask(listed, f={"email": condition})
            assert data == {"users": {"nodes": [{"email": shown}]}}
    other = typed.replace("Weiß", "Weiss")
    assert await api.ask(listed, f={"email": {"eq": other}}) == {"users": {"nodes": []}}
    again = await api.do("userInvite", **invitation(email=typed.lower()))
    assert errors_of(again) == [("ALREADY_EXISTS", ["email"])]
    assert (await api.do("userInvite", **invitation(email=other)))["errors"] == []


async def test_a_supplier_contact_sees_themself_alone(company: Company) -> None:
    contact = await company.hire(Role.SUPPLIER_CONTACT, name="Sue")
    async with contact.signed_in() as api:
        assert await api.ask(SEEN, id=contact.id) == {
            "user": {"name": "Sue"},
            "node": {"id": contact.id},
            "users": {"totalCount": 1},
        }
        hidden = {"user": None, "node": None, "users": {"totalCount": 1}}
        assert await api.ask(SEEN, id=company.owner.id) == hidden


@pytest.mark.parametrize(
    "role",
    role_cases(Role.ADMIN, Role.EMPLOYEE, among=sorted(set(Role) - {Role.SUPPLIER_CONTACT})),
)
async def test_everybody_else_sees_all_and_administrators_invite(
    company: Company, role: Role
) -> None:
    document = """mutation ($input: UserInviteInput!) {
        userInvite(input: $input) { errors { code } } }"""
    fields = invitation(email=f"new@{company.slug}.example")
    async with (await company.hire(role)).signed_in() as api:
        seen = await api.ask(SEEN, id=company.owner.id)
        assert (seen["user"], seen["users"]) == ({"name": "Owner"}, {"totalCount": 2})
        if role in ADMINISTRATORS:
            assert (await api.ask(document, input=fields))["userInvite"] == {"errors": []}
            return
        async with unchanged(company):
            assert await api.refusal(document, input=fields) == "FORBIDDEN"


async def test_users_of_another_organization_do_not_exist(api: Client, hire: Hiring) -> None:
    other = await hire.company()
    hidden = {"user": None, "node": None, "users": {"totalCount": 1}}
    assert await api.ask(SEEN, id=other.owner.id) == hidden
    async with unchanged(other):
        payload = await api.do("userSuspend", id=other.owner.id, expectedVersion=1)
        assert errors_of(payload) == [("NOT_FOUND", ["id"])]


@pytest.mark.parametrize(
    ("facts", "code", "path"),
    [
        ({"email": "{owner}"}, "ALREADY_EXISTS", "email"),
        ({"email": "nobody"}, "INVALID_FORMAT", "email"),
        ({"name": ""}, "REQUIRED", "name"),
        ({"validFrom": "2030-02-01", "validUntil": "2030-01-31"}, "OUT_OF_RANGE", "validUntil"),
        ({"siteId": "sit_" + "0" * 32}, "NOT_FOUND", "siteId"),
        ({"departmentId": "sit_" + "0" * 32}, "BAD_USER_INPUT", "departmentId"),
    ],
)
async def test_a_wrong_invitation_changes_nothing(
    api: Client, company: Company, facts: dict[str, str], code: str, path: str
) -> None:
    filled = {name: value.format(owner=company.owner.email) for name, value in facts.items()}
    fields = invitation(email=f"x@{company.slug}.example") | filled
    async with unchanged(company):
        assert errors_of(await api.do("userInvite", **fields)) == [(code, [path])]


ACTS: list[tuple[str, dict[str, Any]]] = [
    ("userSuspend", {}),
    ("userChangeRole", {"role": "ADMIN"}),
    ("userUpdate", {"validUntil": "2020-01-01"}),
    ("userUpdate", {"validFrom": "2199-01-01"}),
]


@pytest.mark.parametrize(
    ("act", "fields"),
    [*ACTS[1:], ("userUpdate", {"siteId": None}), ("userUpdate", {"name": "X", "siteId": None})],
)
async def test_nobody_changes_their_own_role_place_or_validity(
    api: Client, company: Company, act: str, fields: dict[str, Any]
) -> None:
    await company.hire(Role.OWNER)
    async with unchanged(company):
        payload = await api.do(act, id=company.owner.id, expectedVersion=1, **fields)
        assert errors_of(payload) == [("FORBIDDEN", ["id"])]


async def test_everybody_who_may_change_users_may_change_their_own_name(
    api: Client, company: Company
) -> None:
    payload = await api.do(
        "userUpdate", "user { name }", id=company.owner.id, expectedVersion=1, name="Olga"
    )
    assert payload == {"user": {"name": "Olga"}, "errors": []}


async def test_the_last_owner_stays(api: Client, company: Company) -> None:
    async with unchanged(company):
        payload = await api.do(
            "userSuspend", "user { role }", id=company.owner.id, expectedVersion=1
        )
    assert (payload["user"], errors_of(payload)) == (
        {"role": "OWNER"},
        [("TRANSITION_NOT_ALLOWED", None)],
    )
    assert [b["code"] for b in payload["errors"][0]["blockers"]] == ["LAST_OWNER"]


@pytest.mark.parametrize(("act", "fields"), ACTS)
async def test_an_owner_beside_another_may_leave(
    api: Client, company: Company, act: str, fields: dict[str, Any]
) -> None:
    second = await company.hire(Role.OWNER)
    payload = await api.do(act, id=second.id, expectedVersion=1, **fields)
    assert payload["errors"] == []


@pytest.mark.parametrize(("act", "fields"), ACTS)
async def test_of_two_owners_who_end_each_other_one_stays(
    company: Company, act: str, fields: dict[str, Any]
) -> None:
    second = await company.hire(Role.OWNER)
    async with company.owner.signed_in() as one, second.signed_in() as other:
        payloads = await asyncio.gather(
            one.send(_act(act), input={"id": second.id, "expectedVersion": 1, **fields}),
            other.send(_act(act), input={"id": company.owner.id, "expectedVersion": 1, **fields}),
        )
    done = [payload for payload in payloads if "errors" not in payload]
    assert [payload["data"][act]["errors"] for payload in done].count([]) == 1


def _act(name: str) -> str:
    kind = name[0].upper() + name[1:]
    return f"mutation ($input: {kind}Input!) {{ {name}(input: $input) {{ errors {{ code }} }} }}"


@pytest.mark.parametrize(
    ("act", "fields"), [*ACTS, ("userUpdate", {"name": "X"}), ("userChangeRole", {"role": "OWNER"})]
)
async def test_only_owners_change_owners(
    admin: Client, company: Company, act: str, fields: dict[str, Any]
) -> None:
    await company.hire(Role.OWNER)
    async with unchanged(company):
        payload = await admin.do(act, id=company.owner.id, expectedVersion=1, **fields)
        assert errors_of(payload) == [("FORBIDDEN", ["role"])]


async def test_only_owners_make_owners(admin: Client, api: Client, company: Company) -> None:
    person = await company.hire(Role.EMPLOYEE)
    change: dict[str, Any] = {"id": person.id, "expectedVersion": 1, "role": "OWNER"}
    async with unchanged(company):
        for act, fields in (
            ("userInvite", invitation(role="OWNER")),
            ("userChangeRole", change),
        ):
            assert errors_of(await admin.do(act, **fields)) == [("FORBIDDEN", ["role"])]
    assert (await api.do("userChangeRole", **change))["errors"] == []


async def test_a_stale_change_shows_who_is_there(api: Client, company: Company) -> None:
    person = await company.hire(Role.EMPLOYEE)
    target: dict[str, Any] = {"id": person.id, "expectedVersion": 1}
    assert (await api.do("userUpdate", **target, name="First"))["errors"] == []
    for act, change in (("userUpdate", {"name": "Second"}), ("userSuspend", {}),
                        ("userChangeRole", {"role": "ADMIN"})):  # fmt: skip
        async with unchanged(company):
            late = await api.do(act, "user { name version }", **target, **change)
        assert late["user"] == {"name": "First", "version": 2}
        assert errors_of(late) == [("STALE_VERSION", ["expectedVersion"])]


async def test_the_same_key_invites_once(api: Client, company: Company) -> None:
    fields = invitation(email=f"x@{company.slug}.example", idempotencyKey="once")
    first = await api.do("userInvite", "user { id }", **fields)
    async with unchanged(company):
        assert await api.do("userInvite", "user { id }", **fields) == first
        other = await api.do("userInvite", **fields | {"name": "Other"})
        assert errors_of(other) == [("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])]


async def accepted(api: Client, company: Company, role: str) -> str:
    """Invite somebody who accepts, and return their id."""
    email = f"x@{company.slug}.example"
    selection = "user { id } invitationToken"
    invited = await api.do("userInvite", selection, **invitation(email=email, role=role))
    async with client(company.application) as nobody:
        await nobody.do("invitationAccept", token=invited["invitationToken"], password=PASSWORD)
    id: str = invited["user"]["id"]
    return id


async def log_in(company: Company) -> Any:
    async with client(company.application) as nobody:
        email = f"x@{company.slug}.example"
        selection = "accessToken viewer { user { role } }"
        return await nobody.do("login", selection, email=email, password=PASSWORD)


async def status(company: Company, token: str) -> int:
    """Ask something with a token and return the HTTP status."""
    async with client(company.application, token) as somebody:
        body = {"query": "{ viewer { user { id } } }"}
        return (await somebody.http.post("/graphql", json=body)).status_code


async def test_a_suspension_acts_on_the_next_request(api: Client, company: Company) -> None:
    id = await accepted(api, company, "AUDITOR")
    token = (await log_in(company))["accessToken"]
    assert await status(company, token) == 200
    suspended = await api.do("userSuspend", "user { status version }", id=id, expectedVersion=2)
    assert suspended["user"]["status"] == "SUSPENDED"
    assert await status(company, token) == 401
    assert errors_of(await log_in(company)) == [("INVALID_CREDENTIALS", None)]
    version = suspended["user"]["version"]
    back = await api.do("userReinstate", "user { status }", id=id, expectedVersion=version)
    assert back["user"] == {"status": "ACTIVE"}
    assert await status(company, token) == 401
    assert await status(company, (await log_in(company))["accessToken"]) == 200


async def test_a_suspension_acts_on_the_next_command_of_its_document(company: Company) -> None:
    leaver = await company.hire(Role.ADMIN)
    document = """mutation ($leave: UserSuspendInput!, $site: SiteCreateInput!) {
        userSuspend(input: $leave) { user { status } errors { code } }
        siteCreate(input: $site) { site { code } errors { code } } }"""
    async with leaver.signed_in() as api:
        data = await api.ask(
            document,
            leave={"id": leaver.id, "expectedVersion": 1},
            site={"code": "HQ", "name": "Head office"},
        )
    assert data["userSuspend"] == {"user": {"status": "SUSPENDED"}, "errors": []}
    assert data["siteCreate"] == {"site": None, "errors": [{"code": "UNAUTHENTICATED"}]}


async def test_another_role_acts_on_the_next_request(api: Client, company: Company) -> None:
    id = await accepted(api, company, "AUDITOR")
    token = (await log_in(company))["accessToken"]
    changed = await api.do(
        "userChangeRole", "user { role }", id=id, expectedVersion=2, role="ADMIN"
    )
    assert changed["user"] == {"role": "ADMIN"}
    assert await status(company, token) == 401
    assert (await log_in(company))["viewer"] == {"user": {"role": "ADMIN"}}


async def test_a_shorter_validity_acts_on_the_next_request(api: Client, company: Company) -> None:
    person: Person = await company.hire(Role.EXTERNAL_AUDITOR)
    assert await status(company, person.token) == 200
    past = {"validFrom": "2020-01-01", "validUntil": "2020-12-31"}
    payload = await api.do("userUpdate", id=person.id, expectedVersion=1, **past)
    assert payload["errors"] == []
    assert await status(company, person.token) == 401

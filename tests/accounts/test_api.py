import json
from datetime import timedelta
from typing import Any

import pytest

from qgp.http.schema import LimitedSchema
from qgp.kit import clock
from qgp.kit.errors import Unauthenticated
from qgp.kit.policy import Role, permissions_of
from qgp.schema import build
from tests.accounts.conftest import PASSWORD, Employ, Opened, Person

VIEWER = "viewer { user { id email role } organization { id slug } permissions }"
TOKENS = "accessToken refreshToken expiresIn errors { __typename code message path }"
LOGIN = f"mutation ($input: LoginInput!) {{ login(input: $input) {{ {TOKENS} {VIEWER} }} }}"
REFRESH = f"""
mutation ($input: TokenRefreshInput!) {{ tokenRefresh(input: $input) {{ {TOKENS} {VIEWER} }} }}
"""
CHANGE = f"""
mutation ($input: PasswordChangeInput!) {{
  passwordChange(input: $input) {{ accessToken refreshToken {VIEWER} errors {{ code path }} }}
}}
"""
LOGOUT = "mutation { logout { errors { code } } }"
NEW = "quite another sentence"


@pytest.fixture(scope="module")
def schema() -> LimitedSchema:
    return build()


class Client:
    """Asks as the endpoint does: one context for each document."""

    def __init__(self, schema: LimitedSchema, opened: Opened, ip: str) -> None:
        self.schema, self.opened, self.ip = schema, opened, ip

    async def ask(self, document: str, token: str | None = None, **values: Any) -> Any:
        async with self.opened(token, ip=self.ip) as context:
            result = await self.schema.execute(
                document,
                variable_values={"input": values} if values else None,
                context_value=context,
            )
        self.codes = [(error.extensions or {}).get("code") for error in result.errors or ()]
        return result.data

    async def log_in(self, person: Person) -> Any:
        data = await self.ask(LOGIN, email=person.email, password=PASSWORD)
        return data["login"]


@pytest.fixture
async def person(employ: Employ) -> Person:
    hired: Person = await employ(role=Role.AUDITOR)
    return hired


@pytest.fixture
def client(schema: LimitedSchema, opened: Opened, person: Person) -> Client:
    return Client(schema, opened, person.ip)


def expected_viewer(person: Person) -> Any:
    return {
        "user": {"id": f"usr_{person.user_id.hex}", "email": person.email, "role": "AUDITOR"},
        "organization": {"id": f"org_{person.organization_id.hex}", "slug": person.slug},
        "permissions": permissions_of(Role.AUDITOR),
    }


async def test_login_answers_with_tokens_and_the_viewer(client: Client, person: Person) -> None:
    payload = await client.log_in(person)
    assert client.codes == []
    assert (payload["expiresIn"], payload["errors"]) == (1800, [])
    assert payload["viewer"] == expected_viewer(person)
    data = await client.ask("{ " + VIEWER + " }", payload["accessToken"])
    assert data == {"viewer": expected_viewer(person)}


async def test_a_refused_login_is_data(client: Client, person: Person) -> None:
    data = await client.ask(LOGIN, email=person.email, password="wrong")
    assert client.codes == []
    message = (
        "E-mail address, password or organization is wrong. Check all three and sign in again."
    )
    error: dict[str, Any] = {"__typename": "CommandError", "code": "INVALID_CREDENTIALS"}
    assert data["login"] == {
        "accessToken": None,
        "refreshToken": None,
        "expiresIn": None,
        "viewer": None,
        "errors": [error | {"message": message, "path": None}],
    }


async def test_a_login_without_the_organization_that_it_needs_names_the_field(
    client: Client, person: Person, employ: Employ
) -> None:
    await employ(email=person.email)
    payload = await client.log_in(person)
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [
        ("BAD_USER_INPUT", ["organization"])
    ]


async def test_too_many_failures_say_how_long_to_wait(client: Client, person: Person) -> None:
    for _ in range(5):
        await client.ask(LOGIN, email=person.email, password="wrong")
    payload = await client.log_in(person)
    assert [error["code"] for error in payload["errors"]] == ["RATE_LIMITED"]
    assert "seconds" in payload["errors"][0]["message"]


async def test_token_refresh_rotates_and_repeats_itself_within_the_grace_alone(
    client: Client, person: Person
) -> None:
    first = await client.log_in(person)
    second = (await client.ask(REFRESH, refreshToken=first["refreshToken"]))["tokenRefresh"]
    assert second["viewer"] == expected_viewer(person)
    again = (await client.ask(REFRESH, refreshToken=first["refreshToken"]))["tokenRefresh"]
    assert again["refreshToken"] == second["refreshToken"]
    for granted in (second, again):
        viewer = await client.ask(f"{{ {VIEWER} }}", granted["accessToken"])
        assert viewer == {"viewer": expected_viewer(person)}
    with clock.fixed(clock.now() + timedelta(seconds=10)):
        again = (await client.ask(REFRESH, refreshToken=first["refreshToken"]))["tokenRefresh"]
    assert [error["code"] for error in again["errors"]] == ["UNAUTHENTICATED"]
    assert again["accessToken"] is None


async def test_logout_ends_the_sign_in(client: Client, person: Person) -> None:
    tokens = await client.log_in(person)
    assert await client.ask(LOGOUT, None) == {"logout": None}
    assert client.codes == ["UNAUTHENTICATED"]
    answer = await client.ask(LOGOUT, tokens["accessToken"])
    assert answer == {"logout": {"errors": []}}
    refreshed = await client.ask(REFRESH, refreshToken=tokens["refreshToken"])
    assert refreshed["tokenRefresh"]["accessToken"] is None


async def test_password_change_signs_the_viewer_in_anew_and_ends_the_former_tokens(
    client: Client, person: Person
) -> None:
    token = (await client.log_in(person))["accessToken"]
    data = await client.ask(CHANGE, token, currentPassword="wrong", newPassword=NEW)
    assert data["passwordChange"]["errors"] == [
        {"code": "INVALID_CREDENTIALS", "path": ["currentPassword"]}
    ]
    data = await client.ask(CHANGE, token, currentPassword=PASSWORD, newPassword=NEW)
    changed = data["passwordChange"]
    assert (changed["viewer"], changed["errors"]) == (expected_viewer(person), [])
    with pytest.raises(Unauthenticated):
        await client.ask(f"{{ {VIEWER} }}", token)
    viewer = await client.ask(f"{{ {VIEWER} }}", changed["accessToken"])
    assert viewer == {"viewer": expected_viewer(person)}
    renewed = await client.ask(REFRESH, refreshToken=changed["refreshToken"])
    assert renewed["tokenRefresh"]["errors"] == []


async def test_nobody_may_only_sign_in(client: Client) -> None:
    values = {"currentPassword": PASSWORD, "newPassword": NEW}
    assert await client.ask("{ viewer { permissions } }") == {"viewer": None}
    assert client.codes == ["UNAUTHENTICATED"]
    assert await client.ask(LOGOUT) == {"logout": None}
    assert client.codes == ["UNAUTHENTICATED"]
    assert await client.ask(CHANGE, **values) == {"passwordChange": None}
    assert client.codes == ["UNAUTHENTICATED"]


async def test_after_logout_the_rest_of_the_document_is_nobodys(
    client: Client, person: Person
) -> None:
    token = (await client.log_in(person))["accessToken"]
    twice = "mutation { a: logout { errors { code } } b: logout { errors { code } } }"
    assert await client.ask(twice, token) == {"a": {"errors": []}, "b": None}
    assert client.codes == ["UNAUTHENTICATED"]


async def test_one_document_tries_one_password(client: Client, person: Person) -> None:
    who = json.dumps(person.email)
    tried = f'login(input: {{email: {who}, password: "x"}}) {{ expiresIn }}'
    assert await client.ask(f"mutation {{ a: {tried} b: {tried} }}") is None
    assert client.codes == ["QUERY_TOO_COMPLEX"]

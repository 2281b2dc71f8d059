"""Signing in inside a document that somebody else's token came with."""

import pytest

from tests.accounts.conftest import PASSWORD
from tests.company import Company, Hiring

DOCUMENT = """mutation ($login: LoginInput!, $one: SiteCreateInput!, $two: UserInviteInput!) {
    login(input: $login) { errors { code } }
    siteCreate(input: $one) { site { code createdBy { email } } errors { code } }
    userInvite(input: $two) { user { email } errors { code } } }"""


@pytest.mark.parametrize("is_elsewhere", [True, False])
async def test_whoever_signs_in_stays_who_they_are_in_every_further_command(
    company: Company, is_elsewhere: bool
) -> None:
    elsewhere = await Hiring(company.application).company()
    bearer = elsewhere.owner if is_elsewhere else company.owner
    async with company.owner.signed_in() as owner:
        address = f"admin@{company.slug}.example"
        invited = await owner.do(
            "userInvite", "invitationToken", email=address, name="Ada", role="ADMIN"
        )
        token = invited["invitationToken"]
        accepted = await owner.do("invitationAccept", token=token, password=PASSWORD)
        assert accepted["errors"] == []
    async with bearer.signed_in() as other:
        data = await other.ask(
            DOCUMENT,
            login={"email": address, "password": PASSWORD},
            one={"code": "HQ", "name": "Head office"},
            two={"email": f"second@{company.slug}.example", "name": "Bo", "role": "OWNER"},
        )
    assert data == {
        "login": {"errors": []},
        "siteCreate": {"site": {"code": "HQ", "createdBy": {"email": address}}, "errors": []},
        "userInvite": {"user": None, "errors": [{"code": "FORBIDDEN"}]},
    }

"""The organization: who sees it, who changes it, and what it refuses to become."""

from typing import Any

import pytest

from qgp.kit.policy import ADMINISTRATORS, Role
from tests.company import Client, Company, Hiring
from tests.evidence import trail_length, unchanged
from tests.matrix import role_cases

FACTS = "id name slug timeZone locale currency status version viewerCanUpdate"


async def test_everybody_sees_their_own_organization(company: Company) -> None:
    for role in Role:
        async with (await company.hire(role)).signed_in() as api:
            data = await api.ask(f"{{ viewer {{ organization {{ {FACTS} }} }} }}")
            assert data["viewer"]["organization"] == facts(company) | {
                "viewerCanUpdate": role in ADMINISTRATORS
            }


def facts(company: Company) -> dict[str, Any]:
    return {
        "id": f"org_{company.organization_id.hex}",
        "name": company.slug,
        "slug": company.slug,
        "timeZone": "UTC",
        "locale": "en",
        "currency": "EUR",
        "status": "ACTIVE",
        "version": 1,
        "viewerCanUpdate": True,
    }


async def test_administrators_change_it(api: Client, company: Company) -> None:
    changes = {"name": "Ours", "timeZone": "Asia/Tokyo", "locale": "ja", "currency": "JPY"}
    before, length = facts(company), await trail_length(company)
    payload = await api.do(
        "organizationUpdate", f"organization {{ {FACTS} }}",
        id=before["id"], expectedVersion=1, **changes,
    )  # fmt: skip
    assert payload == {"organization": before | changes | {"version": 2}, "errors": []}
    assert await trail_length(company) == length + 1


@pytest.mark.parametrize(
    "role", role_cases(Role.QUALITY_MANAGER, among=sorted(set(Role) - ADMINISTRATORS))
)
async def test_others_do_not(company: Company, role: Role) -> None:
    document = """mutation ($input: OrganizationUpdateInput!) {
        organizationUpdate(input: $input) { errors { code } } }"""
    fields = {"id": facts(company)["id"], "expectedVersion": 1, "name": "Mine"}
    async with (await company.hire(role)).signed_in() as api, unchanged(company):
        assert await api.refusal(document, input=fields) == "FORBIDDEN"


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"timeZone": "Mars/Base"}, "INVALID_FORMAT", "timeZone"),
        ({"timeZone": "localtime"}, "INVALID_FORMAT", "timeZone"),
        ({"timeZone": "Factory"}, "INVALID_FORMAT", "timeZone"),
        ({"timeZone": "posixrules"}, "INVALID_FORMAT", "timeZone"),
        ({"timeZone": "europe/berlin"}, "INVALID_FORMAT", "timeZone"),
        ({"timeZone": "UTC+3"}, "INVALID_FORMAT", "timeZone"),
        ({"currency": "euro"}, "INVALID_FORMAT", "currency"),
        ({"name": " "}, "REQUIRED", "name"),
        ({"locale": "x" * 36}, "TOO_LONG", "locale"),
        ({"name": "Late", "expectedVersion": 7}, "STALE_VERSION", "expectedVersion"),
        ({"name": "Ours", "id": "sit_" + "0" * 32}, "BAD_USER_INPUT", "id"),
    ],
)
async def test_a_wrong_change_changes_nothing(
    api: Client, company: Company, change: dict[str, Any], code: str, path: str
) -> None:
    fields = {"id": facts(company)["id"], "expectedVersion": 1, **change}
    async with unchanged(company):
        errors = (await api.do("organizationUpdate", **fields))["errors"]
    assert [(error["code"], error["path"]) for error in errors] == [(code, [path])]


async def test_another_organization_does_not_exist(api: Client, hire: Hiring) -> None:
    other = await hire.company()
    async with unchanged(other):
        payload = await api.do(
            "organizationUpdate", "organization { name }",
            id=facts(other)["id"], expectedVersion=1, name="Ours",
        )  # fmt: skip
    assert (payload["organization"], payload["errors"][0]["code"]) == (None, "NOT_FOUND")

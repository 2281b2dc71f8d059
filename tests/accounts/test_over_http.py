from typing import Any

import httpx2
import pytest

from qgp.app import Application
from qgp.kit import ids
from tests.company import Client, Company, client

VIEWER = "{ viewer { user { id } organization { slug } permissions } }"


async def test_a_person_signs_in_works_and_signs_out(
    application: Application, company: Company, api: Client
) -> None:
    assert (await api.ask(VIEWER))["viewer"]["user"]["id"] == company.owner.id
    assert len(api.statements) == 4  # settings, who asks, user, organization
    assert await api.ask("mutation { logout { errors { code } } }") == {"logout": {"errors": []}}
    assert await api.refusal(VIEWER) == "UNAUTHENTICATED"


async def test_nobody_asks_who_they_are_and_gets_null(application: Application) -> None:
    async with client(application) as nobody:
        answer = await nobody.send(VIEWER)
    assert answer["data"] == {"viewer": None}
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert nobody.statements == []


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x.y.z", "Basic eDp5", "Bearer " + "x" * 5000]
)
async def test_a_header_that_proves_nothing_is_answered_with_401(
    application: Application, header: str
) -> None:
    transport = httpx2.ASGITransport(application.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://qgp.test") as http:
        answer = await http.post(
            "/graphql", json={"query": VIEWER}, headers={"authorization": header}
        )
    found: dict[str, Any] = answer.json()
    assert answer.status_code == 401
    assert "data" not in found
    assert found["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_token_for_a_log_in_that_never_was_is_answered_with_401(
    application: Application, company: Company
) -> None:
    forged = application.services.signer.issue(
        user_id=company.owner.user_id,
        organization_id=company.organization_id,
        log_in_id=ids.uuid7(),
        access_version=1,
    )
    async with client(application, forged) as stranger:
        assert await stranger.refusal(VIEWER) == "UNAUTHENTICATED"
        assert len(stranger.statements) == 2

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from qgp.app import Application
from qgp.kit import ids
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.policy import SignedIn
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


READ = Answered(b'{"viewer":"read"}', statements=1)


@dataclass
class FakePlans:
    """Answers whatever is asked, and keeps who asked."""

    asked: list[SignedIn] = field(default_factory=list)
    answer: Answered | None = READ

    async def read(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        signed_in: SignedIn,
        *,
        explain: bool,
    ) -> Answered | None:
        self.asked.append(signed_in)
        return self.answer


async def test_whoever_has_been_looked_up_once_is_read_for_without_a_statement_of_ours(
    application: Application, company: Company
) -> None:
    plans = FakePlans()
    planning = replace(application, planned=plans.read)
    async with client(planning, company.owner.token) as owner:
        assert (await owner.ask(VIEWER))["viewer"]["user"]["id"] == company.owner.id
        assert plans.asked == []
        with capture_logs() as lines:
            assert await owner.ask(VIEWER) == {"viewer": "read"}
    [asked] = plans.asked
    assert asked.principal.user_id == company.owner.user_id
    assert owner.statements == []
    [line] = lines
    assert line["user"] == company.owner.id
    assert line["organization"] == f"org_{company.organization_id.hex}"
    assert line["statements"] == 1


async def test_whoever_signs_out_is_refused_as_soon_as_the_plans_do_not_answer(
    application: Application, company: Company
) -> None:
    plans = FakePlans()
    planning = replace(application, planned=plans.read)
    async with client(planning, company.owner.token) as owner:
        await owner.ask(VIEWER)
        assert await owner.ask("mutation { logout { errors { code } } }")
        plans.answer = None  # as where the stamp is told no more
        assert await owner.refusal(VIEWER) == "UNAUTHENTICATED"
        plans.answer = Answered(b"{}")
        assert await owner.refusal(VIEWER) == "UNAUTHENTICATED"
    assert len(plans.asked) == 1

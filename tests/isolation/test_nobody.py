"""Without a sign-in that holds there is nothing to ask but the way in."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from qgp.kit import clock
from tests.isolation.conftest import Stage, known_arguments
from tests.isolation.steps import STEPS

PUBLIC = {"serverInfo"}


async def test_nobody_asks_anything_but_about_the_server(stage: Stage) -> None:
    async with stage.asking(None) as nobody:
        for root, field in stage.queries.items():
            arguments = known_arguments(stage.b, field, stage.b.ids["rule"])
            answer = await nobody.ask("query", root, arguments, levels=0)
            assert stage.secrets.first_in(answer) is None
            codes = [error["extensions"]["code"] for error in answer.json().get("errors", ())]
            assert codes == ([] if root in PUBLIC else ["UNAUTHENTICATED"]), root
        typename = await nobody.api.post({"query": "{ __typename }"})
        assert typename.json()["data"] == {"__typename": "Query"}


async def test_nobody_changes_anything(stage: Stage) -> None:
    inputs = {step.mutation: {"input": step.input_of(stage.b)} for step in STEPS}
    inputs |= {"logout": {}, "calendarFeedCreate": {}, "calendarFeedRevoke": {}}
    inputs["exportLinkCreate"] = {"input": {"list": "sites"}}
    inputs["passwordChange"] = {"input": {"currentPassword": "x", "newPassword": "y"}}
    async with stage.asking(None) as nobody:
        for mutation, variables in inputs.items():
            answer = await nobody.ask("mutation", mutation, variables, levels=0)
            (error,) = answer.json()["errors"]
            assert error["extensions"]["code"] == "UNAUTHENTICATED", mutation
            assert answer.json()["data"][mutation] is None


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _moved(body: str) -> str:
    """Return the claims with another organization."""
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    return _part(claims | {"tid": claims["sub"]})


FAULTS: dict[str, Callable[[str, str, str], str]] = {
    "another organization": lambda head, body, seal: f"{head}.{_moved(body)}.{seal}",
    "no algorithm": lambda _, body, __: f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{body}.",
    "no seal": lambda head, body, _: f"{head}.{body}.",
    "another seal": lambda head, body, seal: f"{head}.{body}.{seal[::-1]}",
    "nonsense": lambda *_: "a.b.c",
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_tampered_token_is_401(stage: Stage, fault: str) -> None:
    token = FAULTS[fault](*stage.b.company.owner.token.split("."))
    async with stage.asking(token) as nobody:
        answer = await nobody.ask("query", "viewer", {})
        assert answer.status_code == 401
        assert stage.secrets.first_in(answer) is None


async def test_an_expired_token_is_401(stage: Stage) -> None:
    token = stage.b.company.owner.token
    lifetime = stage.application.services.signer.lifetime
    with clock.fixed(clock.now() + lifetime + timedelta(hours=1)):
        async with stage.asking(token) as nobody:
            assert (await nobody.ask("query", "viewer", {})).status_code == 401

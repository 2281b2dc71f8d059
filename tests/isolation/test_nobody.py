"""Without a sign-in that holds there is nothing to ask but the way in."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from qgp.kit import clock
from tests.evidence import unchanged
from tests.isolation.attack import Asker, Call, Secrets, batches
from tests.isolation.conftest import Stage, known_arguments
from tests.isolation.steps import STEPS

PUBLIC = {"serverInfo"}


async def test_nobody_asks_anything_but_about_the_server(stage: Stage) -> None:
    calls = [
        Call("query", root, known_arguments(stage.b, field, stage.b.ids["rule"]))
        for root, field in stage.queries.items()
    ]
    async with stage.asking(None) as nobody:
        for call, answer in await _answers(nobody, calls, stage.secrets):
            codes = [error["extensions"]["code"] for error in answer["errors"]]
            assert codes == ([] if call.root in PUBLIC else ["UNAUTHENTICATED"]), call.root
            assert (answer["data"] is None) == (call.root not in PUBLIC), call.root
        for root in PUBLIC:
            alone = await nobody.ask("query", root, {}, levels=0)
            assert "errors" not in alone.json()
            assert stage.secrets.first_in(alone) is None
        typename = await nobody.api.post({"query": "{ __typename }"})
        assert typename.json()["data"] == {"__typename": "Query"}


async def test_nobody_changes_anything(stage: Stage) -> None:
    inputs = {step.mutation: {"input": step.input_of(stage.b)} for step in STEPS}
    inputs |= {"logout": {}, "calendarFeedCreate": {}, "calendarFeedRevoke": {}}
    inputs["exportLinkCreate"] = {"input": {"list": "sites"}}
    inputs["passwordChange"] = {"input": {"currentPassword": "x", "newPassword": "y"}}
    calls = [Call("mutation", mutation, variables) for mutation, variables in inputs.items()]
    async with stage.asking(None) as nobody, unchanged(stage.b.company):
        for call, answer in await _answers(nobody, calls, stage.secrets):
            (error,) = answer["errors"]
            assert error["extensions"]["code"] == "UNAUTHENTICATED", call.root
            assert answer["data"] is None


async def _answers(
    nobody: Asker, calls: Sequence[Call], secrets: Secrets
) -> list[tuple[Call, dict[str, Any]]]:
    """Make the calls, several in a document, and return each with its data and its errors."""
    answers: list[tuple[Call, dict[str, Any]]] = []
    for part in batches(calls):
        whole, texts = await nobody.many(part, 0)
        for text in (whole, *texts):
            assert secrets.canaries.first_in(text.lower()) is None
        answers += zip(part, map(json.loads, texts), strict=True)
    return answers


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

"""Every command, with what belongs to another organization at every place that takes an id."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.evidence import unchanged
from tests.isolation.attack import Asker, Attempt, Probe, attempts_of, compare
from tests.isolation.conftest import Stage
from tests.isolation.inputs import HERE, places, with_place
from tests.isolation.steps import STEPS
from tests.isolation.world import Step, begin

SECRET = {
    *("login", "tokenRefresh", "passwordChange", "logout", "invitationAccept"),
    *("passwordResetRequest", "passwordReset"),
}
OWN = {"calendarFeedCreate", "calendarFeedRevoke", "exportLinkCreate"}  # take no id, no secret
SHARED = ("hq", "qa", "old", "bob", "causes")  # steps whose texts are unique within an organization
PASSWORD = "a rather wrong sentence"


def test_every_command_is_attacked(stage: Stage) -> None:
    assert set(stage.commands) == SECRET | OWN | {step.mutation for step in STEPS}


@pytest.mark.parametrize(
    "is_whole",
    [False, pytest.param(True, marks=pytest.mark.exhaustive)],
    ids=["one misfit", "every misfit"],
)
async def test_an_id_of_another_organization_is_an_id_of_nothing(
    stage: Stage, is_whole: bool
) -> None:
    attacked: set[str] = set()
    world = await begin(await stage.company(), "ATTACK")
    async with stage.asking(world.company.owner.token) as asker, unchanged(stage.b.company):
        for step in STEPS:
            if step.mutation not in attacked:
                attacked.add(step.mutation)
                async with unchanged(world.company):
                    probes = _probes(stage, step, step.input_of(world))
                    attempts = await attempts_of(probes, asker, stage.secrets, is_whole=is_whole)
                    await _attack(stage, asker, probes, attempts)
            await asker.take(step, world, is_brief=True)


def _probes(stage: Stage, step: Step, variables: dict[str, Any]) -> list[Probe]:
    """Return a probe of each place of a step's input that takes an id."""
    kind = stage.commands[step.mutation].args["input"].type
    return [
        Probe("mutation", step.mutation, {"input": with_place(kind, variables, place)})
        for place in places(kind, "ID")
    ]


async def _attack(
    stage: Stage, asker: Asker, probes: Sequence[Probe], attempts: Sequence[Attempt]
) -> None:
    """Put what B has at each place that takes an id; what fits is not found, the rest refused."""
    assert all(probe in [one.probe for one in attempts if one.is_fitting] for probe in probes)
    answers = await compare(attempts, asker, stage.secrets)
    for attempt, payload in zip(attempts, answers, strict=True):
        (error,) = payload["errors"] or payload["results"][0]["errors"]
        assert error["code"] == ("NOT_FOUND" if attempt.is_fitting else "BAD_USER_INPUT"), attempt


@pytest.mark.parametrize("name", SHARED)
async def test_a_name_that_another_organization_uses_is_free(stage: Stage, name: str) -> None:
    step = next(step for step in STEPS if step.name == name)
    company = await stage.company()
    theirs = {k: v for k, v in step.input_of(stage.b).items() if not k.endswith("Id")}
    async with stage.asking(company.owner.token) as asker, unchanged(stage.b.company):
        answer = await asker.ask("mutation", step.mutation, {"input": theirs})
        assert answer.json()["data"][step.mutation]["errors"] == []


def _secrets(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """For each command that takes a secret: one that is almost another's, and one of nobody."""
    email, token = stage.b.company.owner.email, stage.b.tokens["bob"]
    slug = stage.b.company.slug
    head, _, seal = token.rpartition(".")
    return {
        "login": [
            {"email": who, "password": PASSWORD, "organization": where}
            for who, where in ((email, slug), ("nobody@firm.example", "nowhere"))
        ],
        "invitationAccept": [
            {"token": text, "password": PASSWORD} for text in (f"{head}.{seal[::-1]}", "x.y.z")
        ],
        "tokenRefresh": [{"refreshToken": text} for text in (token, "x" * 43)],
        "passwordReset": [{"token": text, "password": PASSWORD} for text in (token, "x" * 43)],
    }


@pytest.mark.parametrize("mutation", ["login", "invitationAccept", "tokenRefresh", "passwordReset"])
async def test_a_wrong_secret_tells_nothing(stage: Stage, mutation: str) -> None:
    theirs, nothing = _secrets(stage)[mutation]
    probe = Probe("mutation", mutation, {"input": HERE})
    async with stage.asking(None) as nobody, unchanged(stage.b.company):
        attempt = Attempt(probe, theirs, nothing)
        (payload,) = await compare([attempt], nobody, stage.secrets)
        assert len(payload["errors"]) == 1
        assert all(value is None for name, value in payload.items() if name[0] not in "_e")


async def test_signing_out_and_another_password_reach_oneself_alone(stage: Stage) -> None:
    company = await stage.company()
    async with stage.asking(company.owner.token) as asker, unchanged(stage.b.company):
        wrong = {"currentPassword": PASSWORD, "newPassword": PASSWORD[::-1]}
        for mutation, variables in (("passwordChange", {"input": wrong}), ("logout", {})):
            answer = await asker.ask("mutation", mutation, variables)
            assert stage.secrets.first_in(answer) is None
        assert (await asker.ask("query", "viewer", {})).status_code == 401
    async with stage.asking(stage.b.company.owner.token) as theirs:
        assert (await theirs.ask("query", "viewer", {})).status_code == 200

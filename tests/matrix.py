"""Roles of a permission test, and the expected results of their commands."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from qgp.kit.policy import Role
from tests.company import Client, transition_of

AT_ONCE = 4  # steps in one document, which bears the cost of few


def role_cases(*every_time: Role, among: Iterable[Role] = Role) -> Sequence[ParameterSet]:
    """Return roles as parameters; all but the first given ones in the exhaustive run alone.

    What a role may do is declared, and the kit tests each workflow with each of them. Over HTTP
    one that may, one that may not and one that sees nothing show that the declaration is asked.
    """
    rest = pytest.mark.exhaustive
    return [pytest.param(role, marks=() if role in every_time else rest) for role in among]


def tied_cases(roles: Mapping[Any, Iterable[ParameterSet]]) -> Sequence[ParameterSet]:
    """Return roles and their tie to the record as parameters.

    Args:
        roles: the cases of each tie, such as whether somebody owns the record.
    """
    return [
        pytest.param(*one.values, tie, marks=one.marks)
        for tie, cases in roles.items()
        for one in cases
    ]


async def outcomes(api: Client, inputs: Mapping[str, Mapping[str, Any]]) -> dict[str, str | None]:
    """Take steps one after the other; return for each the code that it is refused with, or None.

    Args:
        inputs: by mutation.
    """
    errors = await errors_of(api, inputs)
    return {step: rows[0]["code"] if rows else None for step, rows in errors.items()}


async def blockers(api: Client, inputs: Mapping[str, Mapping[str, Any]]) -> dict[str, set[str]]:
    """Take steps one after the other; return for each the codes of what is in its way."""
    blocked = "... on TransitionNotAllowedError { blockers { code } }"
    errors = await errors_of(api, inputs, f"code {blocked}")
    return {
        step: {each["code"] for error in rows for each in error.get("blockers", [error])}
        for step, rows in errors.items()
    }


async def errors_of(
    api: Client, inputs: Mapping[str, Mapping[str, Any]], shown: str = "code"
) -> dict[str, list[Any]]:
    """Take steps one after the other, and return what each is refused with."""
    errors: dict[str, list[Any]] = {}
    for part in _documents(inputs):
        variables = ", ".join(f"${step}: {step[0].upper()}{step[1:]}Input!" for step in part)
        fields = " ".join(f"{step}(input: ${step}) {{ errors {{ {shown} }} }}" for step in part)
        answer = await api.send(f"mutation ({variables}) {{ {fields} }}", **part)
        errors |= {error["path"][0]: [error["extensions"]] for error in answer.get("errors", ())}
        payloads = answer["data"].items()
        errors |= {step: payload["errors"] for step, payload in payloads if payload}
    return errors


def _may_be_signed(step: str) -> bool:
    move = transition_of(step)
    return move is not None and move.signature is not None


def _documents(inputs: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Mapping[str, Any]]]:
    """Deal steps out to documents, each with few of them and one signature at most."""
    parts: list[dict[str, Mapping[str, Any]]] = [{}]
    for step, input in inputs.items():
        signed = [each for each in (step, *parts[-1]) if _may_be_signed(each)]
        if len(parts[-1]) == AT_ONCE or len(signed) > 1:
            parts.append({})
        parts[-1][step] = input
    return parts

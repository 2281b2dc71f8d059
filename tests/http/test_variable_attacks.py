"""Every attack by variables is refused; bench/attack_documents.py takes the time."""

import json

import pytest

from tests.http.target import Target
from tests.http.variable_attacks import VARIABLE_ATTACKS

REFUSED = {"QUERY_TOO_COMPLEX", "BAD_USER_INPUT", "BAD_REQUEST"}


@pytest.mark.parametrize("name", VARIABLE_ATTACKS)
async def test_nobody_is_served(name: str) -> None:
    answer = json.loads(await Target(is_signed_in=False).send(VARIABLE_ATTACKS[name]))
    codes = {error["extensions"]["code"] for error in answer["errors"]}
    assert codes <= REFUSED | {"UNAUTHENTICATED"}
    served = {name for name, value in (answer.get("data") or {}).items() if value is not None}
    assert served <= {"__typename"}


@pytest.mark.parametrize("name", VARIABLE_ATTACKS)
async def test_nor_is_somebody_signed_in(name: str) -> None:
    answer = json.loads(await Target(is_signed_in=True).send(VARIABLE_ATTACKS[name]))
    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] in REFUSED

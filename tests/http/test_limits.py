"""Documents that ask too much are refused before they cost anything; ordinary ones are not."""

from pathlib import Path

import pytest

from qgp.http.limits import Limits
from tests.effort import effort
from tests.http.attacks import ATTACKS, VALIDATED, deep
from tests.http.serving import Client, code, endpoint

INTROSPECTION = Path(__file__).with_name("introspection.graphql").read_text()


@pytest.mark.parametrize("name", ATTACKS)
async def test_the_attack_is_refused_with_one_error(name: str) -> None:
    client = Client(endpoint())
    with effort() as spent:
        response = await client.post(
            ATTACKS[name], operationName="Q1" if "operations" in name else None
        )
    assert spent.calls < 200_000  # the most that any takes is half of it
    assert response.status_code == 400
    expected = "GRAPHQL_VALIDATION_FAILED" if name in VALIDATED else "QUERY_TOO_COMPLEX"
    assert code(response) == expected
    assert "data" not in response.json()


async def test_the_standard_introspection_of_graphql_js_passes() -> None:
    response = await Client(endpoint()).post(INTROSPECTION)
    assert response.status_code == 200
    assert "errors" not in response.json()
    assert response.json()["extensions"]["cost"] < 300


async def test_the_refusal_says_which_limit_what_was_measured_and_what_to_do() -> None:
    response = await Client(endpoint()).post(deep(12))
    [error] = response.json()["errors"]
    assert error["message"] == (
        "The document nests 14 levels of fields; 12 are allowed. Ask for fewer levels."
    )
    assert error["extensions"] == {
        "code": "QUERY_TOO_COMPLEX",
        "limit": "depth",
        "allowed": 12,
        "requestId": "req-1",
    }


async def test_the_deepest_document_allowed_passes() -> None:
    assert (await Client(endpoint()).post(deep(10))).status_code == 200


async def test_one_log_in_per_document_is_served() -> None:
    response = await Client(endpoint()).post('mutation { login(password: "1") }')
    assert response.json()["data"] == {"login": None}


async def test_every_limit_of_a_document_can_be_set() -> None:
    client = Client(endpoint(Limits(aliases=1)))
    assert (await client.post("{ a: __typename }")).status_code == 200
    assert code(await client.post("{ a: __typename b: __typename }")) == "QUERY_TOO_COMPLEX"


async def test_an_invalid_document_is_refused_again_and_a_valid_one_served_again() -> None:
    client = Client(endpoint())
    for _ in range(2):
        assert code(await client.post("{ nothing }")) == "GRAPHQL_VALIDATION_FAILED"
        assert (await client.post("{ __typename }")).status_code == 200

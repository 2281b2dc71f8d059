"""Whatever bytes arrive, the answer is JSON and not our fault."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.http.serving import Client, endpoint

SEED = json.dumps(
    {
        "query": "query Q($t: String!) { echo(text: $t) clauses(first: 2) { nodes { id } } }",
        "variables": {"t": "x", "deep": [[{"a": [1, 2.5, None, True, "é\n"]}]]},
        "operationName": "Q",
        "extensions": {"a": 1},
    }
).encode()
CLIENT = Client(endpoint())

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
)


async def is_answered(body: bytes) -> None:
    response = await CLIENT.raw(body)
    assert response.status_code in {200, 400}
    assert response.json().keys() & {"data", "errors"}


@settings(max_examples=100, deadline=None)
@given(st.integers(0, len(SEED)), st.integers(0, 8), st.binary(max_size=8))
async def test_a_damaged_request_is_answered(start: int, length: int, patch: bytes) -> None:
    await is_answered(SEED[:start] + patch + SEED[start + length :])


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["query", "variables", "operationName"]), values))
async def test_any_json_object_is_answered(body: dict[str, object]) -> None:
    await is_answered(json.dumps({"query": "{ __typename }"} | body).encode())

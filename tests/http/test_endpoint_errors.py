"""Errors of operations: code and message, without internals."""

import pytest
from structlog.testing import capture_logs

from tests.http.serving import GRAPHQL, JSON, Client, code, endpoint, guarded


@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 400), (JSON, 200)])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int!) { long(times: $n) }", "BAD_USER_INPUT"),
    ],
)
async def test_a_request_error_has_a_code_and_no_data(
    query: str, expected: str, accept: str, status: int
) -> None:
    response = await Client(endpoint()).post(query, accept=accept)
    assert response.status_code == status
    assert code(response) == expected
    assert "data" not in response.json()


async def test_every_error_carries_the_request_id() -> None:
    response = await Client(endpoint(), request_id="abc").post("{ one two }")
    ids = [error["extensions"]["requestId"] for error in response.json()["errors"]]
    assert ids == ["abc", "abc"]


async def test_a_request_without_an_id_is_given_one() -> None:
    response = await Client(endpoint(), request_id=None).post("{ one }")
    assert len(response.json()["errors"][0]["extensions"]["requestId"]) == 36


async def test_an_unexpected_error_is_masked_and_logged_once_with_its_traceback() -> None:
    client = Client(endpoint())
    with capture_logs() as logs:
        response = await client.post("{ broken clause { title } }")
    assert response.status_code == 200
    assert response.json()["data"] == {"broken": None, "clause": {"title": "Context"}}
    assert code(response) == "INTERNAL_SERVER_ERROR"
    assert "secret detail" not in response.text
    [entry] = logs
    assert (entry["event"], entry["path"]) == ("internal_server_error", ["broken"])
    assert str(entry["exc_info"]) == "secret detail"
    assert client.log_fields["error_code"] == "INTERNAL_SERVER_ERROR"


async def test_an_error_that_takes_all_data_away_is_still_a_result() -> None:
    with capture_logs():
        response = await Client(endpoint()).post("{ brokenRequired }")
    assert response.status_code == 200
    assert response.json()["data"] is None


async def test_a_failure_the_caller_can_mend_keeps_its_words_and_is_not_logged() -> None:
    with capture_logs() as logs:
        response = await Client(endpoint()).post("{ invalid }")
    [error] = response.json()["errors"]
    assert error["message"] == "The page is too large."
    assert error["path"] == ["invalid"]
    assert error["extensions"] == {
        "code": "BAD_USER_INPUT",
        "path": ["first"],
        "requestId": "req-1",
    }
    assert logs == []


async def test_a_forbidden_field_is_a_partial_result() -> None:
    response = await Client(endpoint()).post("{ forbidden __typename }")
    assert response.status_code == 200
    assert code(response) == "FORBIDDEN"
    assert response.json()["data"]["__typename"] == "Query"


@pytest.mark.parametrize("field", ["outage", "lost"])
async def test_a_database_that_is_away_is_a_503_without_its_address(field: str) -> None:
    with capture_logs() as logs:
        response = await Client(endpoint()).post(f"{{ {field} }}")
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert code(response) == "UNAVAILABLE"
    assert "data" not in response.json()
    assert "5432" not in response.text
    [entry] = logs
    assert (entry["event"], entry["log_level"]) == ("unavailable", "warning")
    assert "exc_info" not in entry
    assert entry["cause"] in {"ConnectionRefusedError", "OperationalError"}


async def test_what_was_read_before_the_database_went_away_is_returned() -> None:
    with capture_logs():
        response = await Client(endpoint()).post("{ __typename outage }")
    assert response.status_code == 200
    assert response.json()["data"] == {"__typename": "Query", "outage": None}


async def test_at_most_twenty_errors_are_returned() -> None:
    fields = " ".join(f"no{n}" for n in range(100))
    response = await Client(endpoint()).post(f"{{ {fields} }}")
    assert len(response.json()["errors"]) <= 20


async def test_who_may_not_explore_sees_no_suggestion_and_no_schema() -> None:
    client = Client(endpoint(schema=guarded(may_explore=lambda context: context is not None)))
    for query in ("{ claus { title } }", "query { themed(theme: LEADERSHI) }"):
        response = await client.post(query)
        assert response.status_code == 400
        assert "Did you mean" not in response.text
    response = await client.post("{ __schema { queryType { name } } }")
    assert response.status_code == 400
    assert "introspection has been disabled" in response.text
    variables = {"theme": "LEADERSHI"}
    response = await client.post("query ($theme: Theme!) { themed(theme: $theme) }", variables)
    assert "Did you mean" not in response.text


async def test_who_may_explore_sees_both() -> None:
    client = Client(endpoint())
    assert "Did you mean" in (await client.post("{ claus { title } }")).text
    assert (await client.post("{ __schema { queryType { name } } }")).status_code == 200

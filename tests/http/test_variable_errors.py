"""Errors in variables and literals speak of JSON, say where, and never in Python's words."""

from typing import Any

import pytest

from tests.http.serving import Client, endpoint
from tests.kit.built import BUILT

EXPECTED = "Variable '$input' has invalid value"
LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { errors { code } } }"


async def errors(query: str, variables: Any = None) -> list[dict[str, Any]]:
    answer = await Client(endpoint(schema=BUILT)).post(query, variables)
    assert answer.status_code == 400
    errors_of_response: list[dict[str, Any]] = answer.json()["errors"]
    return errors_of_response


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        (None, [], ": Expected value of non-null type 'LoginInput!' not to be null."),
        (
            {"email": None, "password": "x"},
            ["email"],
            " at .email: Expected value of non-null type 'String!' not to be null.",
        ),
        (
            {"email": True, "password": "x"},
            ["email"],
            " at .email: String cannot represent a non string value: true",
        ),
        (
            {"email": {"a": None}, "password": "x"},
            ["email"],
            ' at .email: String cannot represent a non string value: {"a":null}',
        ),
        (
            {"email": 10**50, "password": "x"},
            ["email"],
            f" at .email: String cannot represent a non string value: {10**50}",
        ),
        ([1, True], [], ": Expected value of type 'LoginInput' to be an object, found: [1,true]."),
    ],
)
async def test_a_variable_error_shows_the_value_as_sent_and_its_location(
    value: Any, path: list[Any], message: str
) -> None:
    (error,) = await errors(LOGIN, {"input": value})
    assert error["message"] == EXPECTED + message
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["extensions"]["path"] == ["input", *path]


async def test_a_missing_variable_is_named() -> None:
    (error,) = await errors(LOGIN, {})
    assert error["message"] == (
        f"{EXPECTED}: Expected a value of non-null type 'LoginInput!'; none was sent."
    )


async def test_at_most_twenty_errors_are_made() -> None:
    unknown = {f"f{n}": n for n in range(100)}
    assert len(await errors(LOGIN, {"input": unknown})) == 20


@pytest.mark.parametrize("digits", [101, 5_000])
@pytest.mark.parametrize("written", ["{}", "-{}", "{}.5", "0.{}", "1e{}"])
@pytest.mark.parametrize(
    "query",
    [
        "{{ findings(first: {}) {{ totalCount }} }}",
        "{{ audits(filter: {{scorePct: {{gte: {}}}}}) {{ totalCount }} }}",
        "{{ findings(filter: {{createdAt: {{gte: {}}}}}) {{ totalCount }} }}",
        "query ($n: Int = {}) {{ findings(first: $n) {{ totalCount }} }}",
        "{{ serverInfo {{ version @include(if: {}) }} }}",
    ],
)
async def test_a_number_of_many_digits_is_refused_in_our_words(
    query: str, written: str, digits: int
) -> None:
    (error,) = await errors(query.format(written.format("9" * digits)))
    assert error["message"] == "This number is longer than 100 characters. Shorten it."
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_long_number_in_a_text_is_a_text() -> None:
    answer = await Client(endpoint(schema=BUILT)).post(
        'mutation { login(input: {email: "%s", password: "x"}) { errors { code } } } #'
        % ("9" * 200)
    )
    assert "number is longer" not in answer.text


@pytest.mark.parametrize("body", [b"\xef\xbb\xbf{}", b"{'a': 1}", b"[1,]", b'{"a": NaN}', b"{"])
async def test_json_that_cannot_be_read_is_told_in_our_words(body: bytes) -> None:
    answer = await Client(endpoint(schema=BUILT)).raw(body)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    for word in ("utf-8-sig", "Expecting", "double quotes", "delimiter", "column"):
        assert word not in error["message"]

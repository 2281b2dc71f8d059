"""Inputs that take exactly one field, in every form a document can give them."""

import pytest

from tests.company import Client

SITE = "{ site(by: %s) { name } }"
BEFORE = "fragment F on Query { site(by: {id: $id}) { name } } query ($id: ID!) { ...F }"


async def test_a_fragment_may_stand_before_its_operation(api: Client) -> None:
    body = {"query": BEFORE, "variables": {"id": "sit_" + 32 * "0"}}
    answer = await api.http.post("/graphql", json=body)
    assert answer.json()["data"] == {"site": None}


@pytest.mark.parametrize("fields", ["{}", "{id: null}", '{id: "sit_1", code: "HQ"}'])
async def test_any_other_number_of_fields_is_refused(api: Client, fields: str) -> None:
    answer = await api.http.post("/graphql", json={"query": SITE % fields})
    codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}
    assert "data" not in answer.json()


@pytest.mark.parametrize("by", [{}, {"id": None}, {"id": "sit_1", "code": "HQ"}])
async def test_variables_are_held_to_the_same(api: Client, by: dict[str, str]) -> None:
    body = {"query": "query ($by: SiteBy!) " + SITE % "$by", "variables": {"by": by}}
    answer = await api.http.post("/graphql", json=body)
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "data" not in answer.json()

"""The input values of a request are bounded in all, before any of them is converted."""

from typing import Any

import pytest
from graphql import GraphQLError

from qgp.http.document_cache import DocumentCache
from qgp.http.limits import Limits
from qgp.kit.errors import Invalid
from tests.kit.built import BUILT

ONE = {"code": {"eq": "A"}}


def check(query: str, variables: dict[str, Any] | None = None, **limits: int) -> None:
    documents = DocumentCache(lambda: BUILT.graphql, Limits(**limits), frozenset())
    documents.find(query, None).check_input(variables or {})


def refusal(query: str, variables: dict[str, Any] | None = None, **limits: int) -> tuple[Any, ...]:
    with pytest.raises(GraphQLError) as caught:
        check(query, variables, **limits)
    error = caught.value
    if isinstance(error.original_error, Invalid):
        return error.original_error.code, error.original_error.path
    extensions = error.extensions or {}
    return extensions["code"], extensions.get("limit") or extensions.get("path")


def sites(argument: str, times: int = 1) -> str:
    fields = " ".join(f"a{n}: sites(first: 1, {argument}) {{ totalCount }}" for n in range(times))
    return f"($f: SiteFilter) {{ {fields} }}"


TOO_MANY = ("QUERY_TOO_COMPLEX", "input_values")
# `first`, given or by default, and what the filter holds: a condition with its operator.
IN_ALL: dict[str, tuple[str, dict[str, Any], int]] = {
    "a variable, once": ("query" + sites("filter: $f"), {"f": ONE}, 4),
    "a variable, three times": ("query" + sites("filter: $f", 3), {"f": ONE}, 12),
    "a literal": ("query" + sites('filter: {code: {eq: "A"}}'), {}, 4),
    "a list in a variable": ("query" + sites("filter: $f"), {"f": {"or": [ONE, ONE]}}, 9),
    "the default of a variable": (
        'query ($f: SiteFilter = {code: {eq: "A"}}) '
        "{ a: sites(filter: $f) { totalCount } b: sites(filter: $f) { totalCount } }",
        {},
        8,
    ),
    "a variable in place of its default": (
        'query ($f: SiteFilter = {code: {eq: "A"}}) { sites(filter: $f) { totalCount } }',
        {"f": None},
        2,
    ),
    "a variable inside a literal": (
        "query ($c: String) { sites(filter: {code: {eq: $c}}) { totalCount } }",
        {"c": "A"},
        4,
    ),
    "the default of an input field": (
        "query ($o: [SiteOrder!]) { sites(orderBy: $o) { totalCount } }",
        {"o": [{"field": "CODE"}, {"field": "NAME", "direction": "DESC"}]},
        2 + 3 + 3,
    ),
    "the default of an input field in a literal": (
        "{ sites(orderBy: [{field: CODE}]) { totalCount } }",
        {},
        2 + 3,
    ),
    "a fragment, twice": (
        "query ($f: SiteFilter) { ...F ... on Query { ...F } } "
        "fragment F on Query { sites(filter: $f) { totalCount } }",
        {"f": ONE},
        8,
    ),
    "a fragment of fragments": (
        "query ($f: SiteFilter) { ...A ...A } fragment A on Query { ...B ...B } "
        "fragment B on Query { sites(filter: $f) { totalCount } }",
        {"f": ONE},
        16,
    ),
    "a variable of a directive": (
        "query ($b: Boolean!) { viewer @skip(if: $b) { permissions } }",
        {"b": True},
        1,
    ),
    "a variable that nobody uses": ("query" + sites("filter: {}"), {"g": [1, 2, 3]}, 2),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_ALL)
def test_each_value_counts_as_often_as_it_is_used(name: str) -> None:
    query, variables, total = IN_ALL[name]
    check(query, variables, input_values=total)
    assert refusal(query, variables, input_values=total - 1) == TOO_MANY


def test_fragments_multiply_without_being_expanded() -> None:
    fragments = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    query = f"query ($f: SiteFilter) {{ ...F0 }} {fragments} fragment F60 on Query {{ sites(filter: $f) {{ totalCount }} }}"  # noqa: E501
    assert refusal(query, {"f": {}}) == TOO_MANY


def test_a_filter_is_bounded_whatever_its_groups_hold() -> None:
    wide: dict[str, Any] = {"or": [{"or": [{}] * 10}] * 10}
    for query in ("query" + sites("filter: $f"), "query" + sites("filter: $f", 20)):
        check(query, {"f": {"or": [{}] * 50}})
        assert refusal(query, {"f": {"or": [{}] * 51}}) == ("BAD_USER_INPUT", ("filter",))
        assert refusal(query, {"f": wide}) == ("BAD_USER_INPUT", ("filter",))
        assert refusal(query, {"f": {"or": {"or": {"or": {}}}}}) == ("BAD_USER_INPUT", ("filter",))


def test_what_stands_for_a_variable_within_a_filter_counts_in_it() -> None:
    query = """query ($c: String, $s: [SiteFilter!]) {
        sites(filter: {or: $s, code: {eq: $c}}) { totalCount } }"""
    check(query, {"s": [ONE] * 49, "c": "A"})
    assert refusal(query, {"s": [ONE] * 50, "c": "A"}) == ("BAD_USER_INPUT", ("filter",))


def test_a_list_literal_has_at_most_as_many_items_as_one_in_a_variable() -> None:
    query = "{{ sites(filter: {{code: {{in: [{}]}}}}) {{ totalCount }} }}"
    check(query.format('"A", ' * 100))
    code, _ = refusal(query.format('"A", ' * 101))
    assert code == "BAD_USER_INPUT"


IMPORT = """mutation ($c: String!) {
    findingsImport(input: {csv: $c, isDryRun: true}) { rows errors { message } } }"""
WHOLE = """mutation ($i: FindingsImportInput!) {
    findingsImport(input: $i) { rows errors { message } } }"""


def test_a_file_may_be_longer_than_other_texts() -> None:
    file = "x" * 145_500
    check(IMPORT, {"c": file})
    check(WHOLE, {"i": {"csv": file, "isDryRun": True}})
    check(IMPORT, {"c": "x" * (1024 * 1024 + 1)})  # the bound is that of the body


def test_other_texts_may_not() -> None:
    text = "x" * 100_001
    assert refusal("query" + sites("filter: $f"), {"f": {"code": {"in": ["A", text]}}}) == (
        "BAD_USER_INPUT",
        ["f", "code", "in", 1],
    )
    key = {"i": {"csv": "x", "isDryRun": True, "idempotencyKey": text}}
    assert refusal(WHOLE, key) == ("BAD_USER_INPUT", ["i", "idempotencyKey"])
    both = IMPORT.replace("true}", "true, idempotencyKey: $c}")
    assert refusal(both, {"c": text}) == ("BAD_USER_INPUT", ["c"])
    assert refusal("{ __typename }", {"c": text}) == ("BAD_USER_INPUT", ["c"])


def test_a_text_that_no_condition_takes_is_refused_where_it_stands() -> None:
    query = "query" + sites("filter: $f")
    check(query, {"f": {"code": {"eq": "x" * 4_000}}})
    text = {"f": {"or": [{"code": {"in": ["x", "x" * 4_001]}}]}}
    assert refusal(query, text) == ("BAD_USER_INPUT", ("filter", "or", "0", "code", "in"))

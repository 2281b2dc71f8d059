"""Documents that are cached, and invalid ones that are not."""

import pytest
from graphql import GraphQLError, TypeInfo, ValidationContext, parse, specified_rules
from graphql.language.ast import QUERY_DOCUMENT_KEYS

from qgp.http.document_cache import DocumentCache, ValidationFailed
from qgp.http.limits import Limits
from qgp.http.validation_rules import with_cached_methods
from tests.http.serving import guarded

PAGES = "query ($n: Int = 7, $m: Int) { clauses(first: $n, last: $m) { nodes { id } } }"


@pytest.fixture
def documents() -> DocumentCache:
    schema = guarded()
    return DocumentCache(lambda: schema.graphql, Limits(cost=60), frozenset({"login"}))


def test_a_rule_that_remembers_its_methods_has_those_of_graphql_core() -> None:
    schema = guarded().graphql
    context = ValidationContext(schema, parse("{ long }"), TypeInfo(schema), lambda _: None)
    for rule in specified_rules:
        one, other = (kind(context) for kind in (rule, with_cached_methods(rule)))
        for node in QUERY_DOCUMENT_KEYS:
            methods, remembered = (
                [getattr(step, "__func__", step) for step in each.get_enter_leave_for_kind(node)]
                for each in (one, other)
            )
            assert methods == remembered, (rule, node)


def test_one_operation_is_one_object(documents: DocumentCache) -> None:
    text = "query A { a: __typename } query B { b: __typename ...F } fragment F on Query { long }"
    operation = documents.find(text, "B").operation
    assert documents.find("".join(list(text)), "B").operation is operation
    assert documents.find(text, "A").operation is not operation
    assert (operation.name, operation.text, list(operation.fragments)) == ("B", text, ["F"])


def test_the_cost_follows_the_page_sizes_in_variables_and_nothing_else(
    documents: DocumentCache,
) -> None:
    operation = documents.find(PAGES, None)
    for _ in range(2):
        for size in range(30):
            assert operation.cost({"n": size, "m": 0}) == 2 + size
        assert operation.cost({"n": 1.9, "m": 0, "other": "x"}) == 3
        assert operation.cost({"n": True, "m": 0}) == 3
        assert operation.cost({"m": 0}) == 2 + 7
        assert operation.cost({"n": None, "m": 0}) == 2
        assert operation.cost({"n": None, "m": None}) == operation.cost({"n": None}) == 2 + 25
        assert operation.cost({"n": "many", "m": -1}) == 2 + 25
        assert operation.cost({"n": 0, "m": 40}) == 2 + 40


def test_a_page_that_costs_too_much_is_refused_each_time(documents: DocumentCache) -> None:
    operation = documents.find(PAGES, None)
    for _ in range(2):
        assert operation.cost({"n": 58}) == 60
        with pytest.raises(GraphQLError, match="costs 61 points"):
            operation.cost({"n": 59})
        with pytest.raises(GraphQLError, match="costs 102 points"):
            operation.cost({"n": 10**6})


def test_more_page_sizes_than_are_remembered_cost_what_they_cost(documents: DocumentCache) -> None:
    operation = documents.find(
        "query ($n: Int, $m: Int) { a: clauses(first: $n) { nodes { id } } "
        "b: clauses(first: $m) { nodes { id } } }",
        None,
    )
    for size in range(15):
        for other in range(15):
            assert operation.cost({"n": size, "m": other}) == 4 + size + other


def test_who_may_not_explore_is_refused_after_somebody_who_may(documents: DocumentCache) -> None:
    operation = documents.find("{ __schema { queryType { name } } }", None)
    for _ in range(2):
        operation.validate(explore=True)
        with pytest.raises(ValidationFailed):
            operation.validate(explore=False)


def test_an_invalid_document_returns_its_errors_each_time(documents: DocumentCache) -> None:
    operation = documents.find("{ claus { id } }", None)
    for explore, suggests in ((False, False), (True, True), (False, False)):
        with pytest.raises(ValidationFailed) as refused:
            operation.validate(explore=explore)
        [error] = refused.value.errors
        assert ("Did you mean" in error.message) is suggests

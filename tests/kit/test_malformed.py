"""Malformed scalars in the input of a mutation come back in its payload, each with its path."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_required_input_field,
)

from tests.actions.action_commands import hand_out, show
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.kit.built import GRAPHQL

ERRORS = "errors { code path message ... on ValidationError { constraint } }"
RULES = {
    "Date": "format=date",
    "DateTime": "format=date-time",
    "Decimal": r"pattern=-?[0-9]{1,12}(?:\.[0-9]{1,6})?",
    "URL": "format=uri",
}
LEAVES = {
    "Int": 1,
    "Boolean": True,
    "ID": "x_1",
    "String": "x",
    "Date": "2027-03-01",
    "Decimal": "1",
    "DateTime": "2027-03-01T00:00:00Z",
    "URL": "https://x.example/",
}


def least(kind: Any) -> Any:
    """Return a value of an input type, of its required fields alone."""
    kind = get_nullable_type(kind)
    if is_list_type(kind):
        return [least(kind.of_type)]
    if is_enum_type(kind):
        return next(iter(kind.values))
    if not is_input_object_type(kind):
        return LEAVES[kind.name]
    fields = {n: f.type for n, f in kind.fields.items() if is_required_input_field(f)}
    if kind.is_one_of:
        fields = dict([next((n, f.type) for n, f in kind.fields.items())])
    return {name: least(inner) for name, inner in fields.items()}


def written(value: Any, kind: Any) -> str:
    """Return a value as a literal of a document."""
    kind = get_nullable_type(kind)
    if isinstance(value, list):
        return f"[{', '.join(written(one, kind.of_type) for one in value)}]"
    if isinstance(value, dict):
        pairs = [f"{name}: {written(one, kind.fields[name].type)}" for name, one in value.items()]
        return f"{{{', '.join(pairs)}}}"
    return str(value) if is_enum_type(kind) else json.dumps(value)


def malformed(kind: Any, *path: str) -> Iterator[tuple[Any, tuple[str, ...], str]]:
    """Yield values of an input type, each with one malformed scalar, its path and its rule."""
    kind = get_nullable_type(kind)
    if is_list_type(kind):
        for value, place, rule in malformed(kind.of_type, *path, "0"):
            yield [value], place, rule
    elif isinstance(kind, GraphQLInputObjectType):
        for name, field in kind.fields.items():
            others = {} if kind.is_one_of else least(kind)
            for value, place, rule in malformed(field.type, *path, name):
                yield {**others, name: value}, place, rule
    elif kind.name in RULES:
        yield "12,5 – or tomorrow", path, RULES[kind.name]


def cases() -> Iterator[tuple[str, str, Any, tuple[str, ...], str]]:
    """Yield mutation, input type, input, path and rule for every custom scalar of every input."""
    assert GRAPHQL.mutation_type is not None
    for mutation, field in GRAPHQL.mutation_type.fields.items():
        if "input" in field.args:
            kind = get_named_type(field.args["input"].type)
            for value, path, rule in malformed(kind):
                yield mutation, kind.name, value, path, rule


def found(payload: Any) -> list[tuple[str, tuple[str, ...], str]]:
    """Return code, path and rule of every error of a payload, those of its rows included."""
    errors = payload["errors"] + [e for row in payload.get("results", []) for e in row["errors"]]
    return [(e["code"], tuple(e["path"]), e["constraint"]) for e in errors if "constraint" in e]


async def test_every_custom_scalar_of_every_mutation_is_refused_in_the_payload(
    api: Client, company: Company
) -> None:
    count = 0
    async with unchanged(company):
        for mutation, kind, value, path, rule in cases():
            rows = f"results {{ {ERRORS} }}" if _has_results(mutation) else ""
            literal = written(value, GRAPHQL.type_map[kind])
            by_variable = await api.ask(
                f"mutation ($i: {kind}!) {{ {mutation}(input: $i) {{ {ERRORS} {rows} }} }}", i=value
            )
            by_literal = await api.ask(
                f"mutation {{ {mutation}(input: {literal}) {{ {ERRORS} {rows} }} }}"
            )
            for answer in (by_variable, by_literal):
                assert ("INVALID_FORMAT", path, rule) in found(answer[mutation]), (mutation, path)
            count += 1
    assert count >= 50


def _has_results(mutation: str) -> bool:
    assert GRAPHQL.mutation_type is not None
    payload: Any = get_named_type(GRAPHQL.mutation_type.fields[mutation].type)
    return "results" in payload.fields


async def test_all_malformed_fields_are_reported_and_other_mutations_run(
    api: Client, company: Company
) -> None:
    subject = await hand_out(api, company.owner.id)
    document = f"""mutation ($s: ID!, $url: URL, $day: Date!) {{
        bad: evidenceItemCreate(input: {{kind: LINK, subjectId: $s, title: " ", url: $url,
            effectiveOn: $day, expiresOn: "2201-01-01"}}) {{ evidenceItem {{ id }} {ERRORS} }}
        good: siteCreate(input: {{code: "T", name: "T"}}) {{ site {{ code }} {ERRORS} }} }}"""
    data = await api.ask(document, s=subject, url="mailto:a@x.example", day="1.3.2026")
    assert data["good"] == {"site": {"code": "T"}, "errors": []}
    assert data["bad"]["evidenceItem"] is None
    assert sorted(found(data["bad"])) == [
        ("INVALID_FORMAT", ("effectiveOn",), "format=date"),
        ("INVALID_FORMAT", ("url",), "format=uri"),
        ("OUT_OF_RANGE", ("expiresOn",), "range=1900-01-01..2200-12-31"),
        ("REQUIRED", ("title",), "required"),
    ]


async def test_a_row_of_a_bulk_mutation_is_refused_alone(api: Client, company: Company) -> None:
    ids = [await hand_out(api, company.owner.id) for _ in range(2)]
    days = ["2028-02-30", "2028-02-28"]
    items = [
        {"id": id, "expectedVersion": 1, "newDueOn": day, "reason": "Late"}
        for id, day in zip(ids, days, strict=True)
    ]
    rows = "results { errors { code path } }"
    payload = await api.do("actionsReschedule", rows, items=items)
    errors = [{"code": "INVALID_FORMAT", "path": ["items", "0", "newDueOn"]}]
    assert payload == {"results": [{"errors": errors}, {"errors": []}], "errors": []}
    assert [await show(api, id, "dueOn") for id in ids] == ["2027-03-01", "2028-02-28"]


CREATE = 'standardCreate(input: {familyCode: "X", edition: "1", title: "X", kind: SCHEME})'
CLAUSES = "clauses(filter: {createdAt: {gt: %s}}) { totalCount }"
QUERIES = {
    "variable": (
        "query ($f: ActionFilter) { actions(filter: $f) { totalCount } }",
        {"f": {"and": [{"dueOn": {"gte": "soon"}}]}},
        ["f", "and", 0, "dueOn", "gte"],
    ),
    "literal": (
        '{ actions(filter: {dueOn: {in: ["2027-03-01", "soon"]}}) { totalCount } }',
        {},
        ["filter", "dueOn", "in", 1],
    ),
    "literal of a payload": (
        "mutation { " + CREATE + " { standard { " + CLAUSES % '"soon"' + " } } }",
        {},
        ["filter", "createdAt", "gt"],
    ),
    "variable of a payload": (
        "mutation ($at: DateTime!) { " + CREATE + " { standard { " + CLAUSES % "$at" + " } } }",
        {"at": "soon"},
        ["at"],
    ),
}


@pytest.mark.parametrize(("document", "variables", "path"), QUERIES.values(), ids=QUERIES)
async def test_elsewhere_a_malformed_scalar_ends_the_document_with_its_path(
    api: Client, company: Company, document: str, variables: dict[str, Any], path: list[Any]
) -> None:
    async with unchanged(company):
        answer = await api.send(document, **variables)
    assert "data" not in answer
    (error,) = answer["errors"]
    assert (error["extensions"]["code"], error["extensions"]["path"]) == ("BAD_USER_INPUT", path)


async def test_a_malformed_row_belongs_to_what_its_key_stands_for(
    api: Client, company: Company
) -> None:
    item = {"id": await hand_out(api, company.owner.id), "expectedVersion": 1, "reason": "Late"}
    for day, codes in ((10**30, []), (10**30, []), ("soon", ["IDEMPOTENCY_KEY_REUSED"])):
        payload = await api.do(
            "actionsReschedule",
            "results { errors { code } }",
            items=[{**item, "newDueOn": day}],
            idempotencyKey="once",
        )
        assert [error["code"] for error in payload["errors"]] == codes
        rows = [] if codes else [{"errors": [{"code": "INVALID_FORMAT"}]}]
        assert payload["results"] == rows

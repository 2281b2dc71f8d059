"""The documents that the project publishes, with variables that select data."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import OperationDefinitionNode, OperationType, parse

from tests.engine.agreement.comparison import Request
from tests.engine.agreement.sample_data import LATER, SampleData

FOLDER = Path(__file__).parents[3] / "schema" / "operations"


def queries() -> dict[str, str]:
    """Return the text of each document that reads, by its name."""
    texts = {file.stem: file.read_text() for file in sorted(FOLDER.glob("*.graphql"))}
    return {name: text for name, text in texts.items() if _reads(text)}


def requests(sample: SampleData, most: int | None = None) -> Iterator[tuple[str, Request]]:
    """Yield each document with each, or so many, of its sets of variables, by its name."""
    sets = _variables(sample)
    for name, text in queries().items():
        for variables in sets.get(name, ({},))[:most]:
            yield name, Request(text, variables)


def _variables(sample: SampleData) -> dict[str, tuple[dict[str, Any], ...]]:
    codes = dict(
        zip(sample.values["Standard", "code"], sample.values["Standard", "id"], strict=True)
    )
    clauses = [*sample.holders["Clause", "summary"][:1], *sample.values["Clause", "id"]]
    older, newer = codes["ISO14001:2015"], codes["ISO14001:2026"]
    pair = {"in": [older, newer]}
    owner = sample.values["ClauseAssessment", "id"]
    signed = sample.values["Signature", "id"]
    findings = sample.values["Finding", "id"]
    return {
        "AsOf": tuple({"recordId": id, "at": LATER} for id in (*findings[:2], older, "x")),
        "Assessments": ({}, {"filter": {"conformity": {"eq": "CONFORM"}}}),
        "ClauseDetail": tuple({"id": id} for id in (*clauses[:3], clauses[-1], older)),
        "ClauseSearch": (
            {"filter": {"title": {"contains": "a"}}},
            {"filter": {"theme": {"eq": "INTERNAL_AUDIT"}, "number": {"eq": "9.2"}}},
            {"filter": {}, "after": "nonsense"},
        ),
        "ClauseTree": tuple({"code": code} for code in ("ISO14001:2015", *codes, "none")),
        "History": tuple({"id": id, "first": 3} for id in (*findings[:3], older)),
        "Library": ({}, {"filter": {"status": {"eq": "WITHDRAWN"}}}),
        "MappingReview": ({"filter": {"fromStandardId": pair, "toStandardId": pair}},),
        "Node": tuple({"id": id} for id in (*owner[:1], *clauses[:1], older, "std_" + "0" * 32)),
        "SignatureVerify": tuple({"signatureId": id} for id in (*signed[:2], older)),
        "Signatures": ({}, {"filter": {"meaning": {"eq": "VERIFIED"}}}),
        "Trail": ({}, {"filter": {"kind": {"eq": "FINDING"}, "actorId": {"isNull": True}}}),
        "TransitionGap": ({"older": older, "newer": newer}, {"older": newer, "newer": newer}),
        "TrailVerify": ({}, {"from": 3, "to": 5}, {"from": 0}),
        "Users": ({}, {"filter": {"status": {"in": ["INVITED", "SUSPENDED"]}}}),
    }


def _reads(text: str) -> bool:
    return any(
        isinstance(node, OperationDefinitionNode) and node.operation is OperationType.QUERY
        for node in parse(text).definitions
    )

"""Requests whose variables, literals and defaults are made to exhaust a server.

Each is the body of a POST to the product's own schema, refused cheaply whoever sends it.
"""

import json
from typing import Any

DAY, ID = "2027-01-01", "fnd_" + "0" * 32
_TIMES = 20  # root fields


def body(query: str, variables: Any = None) -> bytes:
    request = {"query": query, "variables": variables}
    return json.dumps(request, separators=(",", ":")).encode()


def registers(argument: str, kind: str, times: int = _TIMES, root: str = "findings") -> str:
    """Return a document that hands one variable to many root fields."""
    fields = " ".join(
        f"a{n}: {root}(first: 1, {argument}: $v) {{ totalCount }}" for n in range(times)
    )
    return f"query ($v: {kind}) {{ {fields} }}"


def filtered(value: Any, times: int = _TIMES) -> bytes:
    return body(registers("filter", "FindingFilter", times), {"v": value})


def mutated(name: str, kind: str, value: Any) -> bytes:
    fields = " ".join(f"a{n}: {name}(input: $v) {{ errors {{ code }} }}" for n in range(5))
    return body(f"mutation ($v: {kind}!) {{ {fields} }}", {"v": value})


def groups(levels: int, width: int) -> Any:
    """Return groups within groups, the innermost empty."""
    return {} if levels == 0 else {"or": [groups(levels - 1, width)] * width}


def chain(levels: int) -> Any:
    return {"title": {"eq": "x"}} if levels == 0 else {"not": chain(levels - 1)}


def fragments(levels: int) -> str:
    """Return a document that uses its variable 2^levels times."""
    parts = ["query ($v: FindingFilter) { ...F0 }"]
    parts += [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    last = "findings(filter: $v) { totalCount }"
    return " ".join([*parts, f"fragment F{levels} on Query {{ {last} }}"])


ANSWER = {
    "answeredAt": f"{DAY}T00:00:00Z",
    "clientId": "x",
    "clientSequence": 1,
    "questionId": ID,
    "value": {"location": {"latitude": "1", "longitude": "1"}},
}
MOVED = {"expectedVersion": 1, "id": ID, "newDueOn": DAY, "reason": "x"}
_RELATED = {"audit": {"title": {"contains": "a"}}}
_EMPTY = "[" + "{}, " * 300 + "]"

VARIABLE_ATTACKS: dict[str, bytes] = {
    "filter: empty groups, 3 levels": filtered({"or": [{"or": [groups(1, 98)] * 4}] * 10}),
    "filter: empty groups, 4,000": filtered(groups(2, 63)),
    "filter: empty groups, once": filtered(groups(2, 63), times=1),
    "filter: empty groups beside __typename": body(
        registers("filter", "FindingFilter").replace("{ a0", "{ __typename a0"),
        {"v": groups(2, 63)},
    ),
    "filter: 100 related conditions": filtered({"or": [_RELATED] * 100}),
    "filter: 51 conditions": filtered({"or": [{"title": {"eq": "x"}}] * 51}),
    "filter: 50 lists of 100 values": filtered({"or": [{"title": {"in": ["x"] * 100}}] * 50}),
    "filter: 18 levels": filtered(chain(18)),
    "filter: 4,900 unknown fields": filtered({f"f{n}": 1 for n in range(4_900)}),
    "filter: 2^60 uses": body(fragments(60), {"v": groups(1, 9)}),
    "filter: below each of 20 registers": body(
        "query ($v: ActionFilter) { "
        + " ".join(
            f"a{n}: findings {{ nodes {{ actions(filter: $v) {{ totalCount }} }} }}"
            for n in range(_TIMES)
        )
        + " }",
        {"v": {"or": [{"title": {"in": ["x"] * 60}}] * 5}},
    ),
    "filter: a default of 300 groups": body(
        registers("filter", f"FindingFilter = {{or: {_EMPTY}}}", 3)
    ),
    "filter: a literal of 300 groups": body(
        f"{{ findings(filter: {{or: {_EMPTY}}}) {{ totalCount }} }}"
    ),
    "orders: 100 with defaults, 20 times": body(
        registers("orderBy", "[FindingOrder!]"), {"v": [{"field": "TITLE"}] * 100}
    ),
    "orders: 101": body(registers("orderBy", "[FindingOrder!]"), {"v": [{"field": "TITLE"}] * 101}),
    "ids: 101": body("query ($v: [ID!]!) { nodes(ids: $v) { id } }", {"v": [ID] * 101}),
    "ids: 4,900 in lists of lists": body(
        "query ($v: [ID!]!) { nodes(ids: $v) { id } }", {"v": [[ID] * 98] * 50}
    ),
    "ids: 50 conditions of 100": filtered({"or": [{"id": {"in": [ID] * 100}}] * 50}, times=2),
    "bulk: 5 of 100 answers": mutated(
        "auditResponsesRecord",
        "AuditResponsesRecordInput",
        {"auditId": ID, "answers": [ANSWER] * 100},
    ),
    "bulk: 5 of 101 rows": mutated(
        "actionsReschedule", "ActionsRescheduleInput", {"items": [MOVED] * 101}
    ),
    "bulk: 100 empty rows": mutated(
        "actionsReschedule", "ActionsRescheduleInput", {"items": [{}] * 100}
    ),
    "bulk: 90 rows of 9 unknown fields": mutated(
        "actionsReschedule",
        "ActionsRescheduleInput",
        {"items": [{f"f{n}": n for n in range(9)}] * 90},
    ),
    "JSON: 80,000 empty objects": b'{"query":"{viewer{permissions}}","variables":{"v":['
    + b",".join([b"{}"] * 80_000)
    + b"]}}",
    "JSON: 120,000 numbers": b'{"query":"{viewer{permissions}}","variables":{"v":['
    + b",".join([b"1"] * 120_000)
    + b"]}}",
    "JSON: 80,000 lists": b'{"query":"{viewer{permissions}}","variables":{"v":['
    + b",".join([b"[]"] * 80_000)
    + b"]}}",
    "JSON: 40,000 texts in lists of 100": body(
        "{ viewer { permissions } }", {"v": [["abc"] * 100] * 400}
    ),
    "JSON: 15,000 names": body(
        "{ viewer { permissions } }", {"v": {f"n{n}": "" for n in range(15_000)}}
    ),
    "JSON: 15,000 extensions": body(
        "{ viewer { permissions } }", {f"n{n}": "" for n in range(15_000)}
    ).replace(b'"variables"', b'"extensions"'),
    "JSON: 250,000 brackets": b'{"query":"{viewer{permissions}}","variables":' + b"[" * 250_000,
    "JSON: 21 levels": body("{ viewer { permissions } }", {"v": json.loads("[" * 21 + "]" * 21)}),
    "text: 250,000 characters": filtered({"title": {"contains": "x" * 250_000}}),
    "text: 100,000 characters": filtered({"title": {"contains": "x" * 100_000}}),
    "text: 40,000 marks": filtered({"title": {"contains": "a" + "\u0301" * 40_000}}),
    "number: 5,000 digits": body(f"{{ findings(first: {'9' * 5_000}) {{ totalCount }} }}"),
}

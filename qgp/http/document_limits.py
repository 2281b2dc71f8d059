"""Refuses a document that asks too much, with one error that says which limit and by how much."""

from collections.abc import Iterator

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType

from qgp.http.limits import Limits
from qgp.http.measure import FragmentCycle, Measure, NestedTooDeeply, Size

Finding = tuple[str, int]

_ADVICE = {
    "query_characters": ("is {measured} characters long", "Shorten it."),
    "tokens": ("has more than {allowed} tokens", "Shorten it."),
    "comments": ("has more than {allowed} comments", "Remove comments."),
    "operations": ("holds {measured} operations", "Send them one by one."),
    "depth": ("nests {measured} levels of fields", "Ask for fewer levels."),
    "introspection_depth": ("nests {measured} levels of introspection", "Ask for fewer levels."),
    "fields": ("selects {measured} fields", "Ask for fewer fields."),
    "repeats": ("names one field {measured} times in one place", "Name it once."),
    "aliases": ("uses {measured} aliases", "Split it into several requests."),
    "directives": ("uses {measured} directives", "Use fewer directives."),
    "directives_per_location": ("puts {measured} directives in one place", "Use fewer directives."),
    "input_values": (
        "takes more than {allowed} input values, each counted as often as it is used",
        "Send shorter lists, or several requests.",
    ),
    "root_fields": ("has {measured} root fields", "Split it into several requests."),
    "root_mutations": ("has {measured} root mutations", "Split it into several requests."),
    "sensitive_mutations": ("checks {measured} secrets", "Send one such mutation per request."),
    "cost": ("costs {measured} points", "Ask for smaller pages, fewer lists or fewer fields."),
}


def too_complex(limit: str, measured: int, allowed: int) -> GraphQLError:
    """Return the error for one broken limit, named as in `Limits`."""
    what, advice = _ADVICE[limit]
    shown = f"{measured:,}" if measured <= 10**9 else "over 1,000,000,000"
    says = what.format(measured=shown, allowed=f"{allowed:,}")
    return GraphQLError(
        f"The document {says}; {allowed:,} are allowed. {advice}",
        extensions={"code": "QUERY_TOO_COMPLEX", "limit": limit, "allowed": allowed},
    )


def check(
    measure: Measure, document: DocumentNode, chosen: OperationDefinitionNode, limits: Limits
) -> int:
    """Return the cost of the chosen operation.

    Every operation and fragment has to fit, because validation reads them all; the cost is that
    of the operation which will run.

    Raises:
        GraphQLError: a limit is broken.
    """
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    _hold(limits, [("operations", len(operations))])
    try:
        for size in measure.fragments():
            _hold(limits, _shape(size))
        for node in operations:
            size = measure.operation(node)
            _hold(limits, [*_shape(size), *_roots(node, size)])
            if node is chosen:
                cost = size.cost + size.cost_per_item
    except FragmentCycle as cycle:
        raise GraphQLError(
            f"Cannot spread fragment '{cycle}' within itself.",
            extensions={"code": "GRAPHQL_VALIDATION_FAILED"},
        ) from None
    except NestedTooDeeply:
        raise too_complex("depth", 100, limits.depth) from None
    _hold(limits, [("cost", cost)])
    return cost


def _hold(limits: Limits, findings: list[Finding]) -> None:
    for limit, measured in findings:
        if measured > (allowed := getattr(limits, limit)):
            raise too_complex(limit, measured, allowed)


def _shape(size: Size) -> list[Finding]:
    return [
        ("depth", size.depth),
        ("introspection_depth", size.introspection_depth),
        ("fields", size.fields),
        ("repeats", size.repeats),
        ("aliases", size.aliases),
        ("directives", size.directives),
        ("directives_per_location", size.directives_per_location),
    ]


def _roots(node: OperationDefinitionNode, size: Size) -> Iterator[Finding]:
    if node.operation is OperationType.MUTATION:
        yield "root_mutations", size.width
        yield "sensitive_mutations", size.sensitive
    else:
        yield "root_fields", size.width

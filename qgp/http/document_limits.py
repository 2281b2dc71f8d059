"""Refuses a document that asks too much, with one error that says which limit and by how much."""

from collections.abc import Iterator

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType

from qgp.http.cost import Cost
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
    "spreads": ("spreads {measured} fragments", "Ask for fewer fields."),
    "overlaps": (
        "needs more than {allowed} comparisons of fields that share a name",
        "Select each field in one place.",
    ),
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
    says = what.format(measured=_shown(measured), allowed=f"{allowed:,}")
    return GraphQLError(
        f"The document {says}; {allowed:,} are allowed. {advice}",
        extensions={"code": "QUERY_TOO_COMPLEX", "limit": limit, "allowed": allowed},
    )


def too_costly(cost: Cost, allowed: int) -> GraphQLError:
    """Return the error for a cost above the limit; it names the path that costs most."""
    what, advice = _ADVICE["cost"]
    extensions = {"code": "QUERY_TOO_COMPLEX", "limit": "cost", "allowed": allowed}
    share = ""
    if cost.path:
        extensions["costliestPath"] = path = ".".join(cost.path)
        share = f" {_shown(cost.share)} of them are for `{path}`."
    says = what.format(measured=_shown(cost.points))
    message = f"The document {says}; {allowed:,} are allowed.{share} {advice}"
    return GraphQLError(message, extensions=extensions)


def check(measure: Measure, document: DocumentNode, limits: Limits) -> None:
    """Hold every operation and fragment to the limits on size, because validation reads them all.

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
    except FragmentCycle as cycle:
        raise GraphQLError(
            f"Cannot spread fragment '{cycle}' within itself.",
            extensions={"code": "GRAPHQL_VALIDATION_FAILED"},
        ) from None
    except NestedTooDeeply:
        raise too_complex("depth", 100, limits.depth) from None


def check_cost(cost: Cost, limits: Limits) -> int:
    """Return the points of a cost within the limit.

    Raises:
        GraphQLError: it is above.
    """
    if cost.points > limits.cost:
        raise too_costly(cost, limits.cost)
    return cost.points


def _shown(measured: int) -> str:
    return f"{measured:,}" if measured <= 10**9 else "over 1,000,000,000"


def _hold(limits: Limits, findings: list[Finding]) -> None:
    for limit, measured in findings:
        if measured > (allowed := getattr(limits, limit)):
            raise too_complex(limit, measured, allowed)


def _shape(size: Size) -> list[Finding]:
    return [
        ("depth", size.depth),
        ("introspection_depth", size.introspection_depth),
        ("fields", size.fields),
        ("spreads", size.spreads),
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

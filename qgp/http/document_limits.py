"""Document limits: one error that names the broken limit, the measured value and what to do."""

from collections.abc import Iterator

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType

from qgp.http.cost import Cost
from qgp.http.limits import Limits
from qgp.http.query_complexity import Complexity, ComplexityMeter, FragmentCycle, NestedTooDeeply

Measured = tuple[str, int]  # a limit's name and the value of the document

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
    problem, remedy = _ADVICE[limit]
    problem = problem.format(measured=_shown(measured), allowed=f"{allowed:,}")
    return GraphQLError(
        f"The document {problem}; {allowed:,} are allowed. {remedy}",
        extensions={"code": "QUERY_TOO_COMPLEX", "limit": limit, "allowed": allowed},
    )


def too_costly(cost: Cost, allowed: int) -> GraphQLError:
    """Return the error for a cost above the limit; it names the path that costs most."""
    problem, remedy = _ADVICE["cost"]
    extensions = {"code": "QUERY_TOO_COMPLEX", "limit": "cost", "allowed": allowed}
    share = ""
    if cost.path:
        extensions["costliestPath"] = path = ".".join(cost.path)
        share = f" {_shown(cost.share)} of them are for `{path}`."
    problem = problem.format(measured=_shown(cost.points))
    message = f"The document {problem}; {allowed:,} are allowed.{share} {remedy}"
    return GraphQLError(message, extensions=extensions)


def check(meter: ComplexityMeter, document: DocumentNode, limits: Limits) -> None:
    """Check every operation and fragment against the limits, because validation reads them all.

    Raises:
        GraphQLError: a limit is broken.
    """
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    _check_all(limits, [("operations", len(operations))])
    try:
        for complexity in meter.fragments():
            _check_all(limits, _counts(complexity))
        for node in operations:
            complexity = meter.operation(node)
            _check_all(limits, [*_counts(complexity), *_roots(node, complexity)])
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
        GraphQLError: it is above the limit.
    """
    if cost.points > limits.cost:
        raise too_costly(cost, limits.cost)
    return cost.points


def _shown(measured: int) -> str:
    return f"{measured:,}" if measured <= 10**9 else "over 1,000,000,000"


def _check_all(limits: Limits, values: list[Measured]) -> None:
    for limit, measured in values:
        if measured > (allowed := getattr(limits, limit)):
            raise too_complex(limit, measured, allowed)


def _counts(complexity: Complexity) -> list[Measured]:
    return [
        ("depth", complexity.depth),
        ("introspection_depth", complexity.introspection_depth),
        ("fields", complexity.fields),
        ("spreads", complexity.spreads),
        ("repeats", complexity.repeats),
        ("aliases", complexity.aliases),
        ("directives", complexity.directives),
        ("directives_per_location", complexity.directives_per_location),
    ]


def _roots(node: OperationDefinitionNode, complexity: Complexity) -> Iterator[Measured]:
    if node.operation is OperationType.MUTATION:
        yield "root_mutations", complexity.width
        yield "sensitive_mutations", complexity.sensitive
    else:
        yield "root_fields", complexity.width

"""Check and execution of GraphQL queries that a module keeps, such as those of webhooks."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import uuid4

import orjson
from graphql import GraphQLError, VariableDefinitionNode, print_ast

from qgp.http.parameters import Parameters
from qgp.http.planned_operations import Origin
from qgp.http.response_builder import ResponseBuilder
from qgp.http.schema import LimitedSchema
from qgp.kit.errors import Invalid
from qgp.kit.ids import encode
from qgp.kit.policy import Principal
from qgp.kit.stored_documents import StoredDocuments
from qgp.kit.work import NOBODY
from qgp.request_context import Contexts
from qgp.settings import Settings

_EXAMPLE = "query ($id: ID!) { node(id: $id) { id } }"


def stored_documents(
    settings: Settings, schema: Callable[[], LimitedSchema], contexts: Callable[[], Contexts]
) -> StoredDocuments:
    """Return the service of an application.

    Args:
        schema, contexts: return those of the application, which are made when they are needed.
    """
    return StoredDocuments(partial(_check, schema), partial(_execute, settings, schema, contexts))


def _check(schema: Callable[[], LimitedSchema], text: str) -> None:
    try:
        operation = schema().require_query(text, {"id": encode("org", NOBODY)})
    except GraphQLError as error:
        raise Invalid(f"The document is not valid: {error.message}") from None
    needed = [part for part in operation.node.variable_definitions or () if not _is_optional(part)]
    if any(part.variable.name.value != "id" or print_ast(part.type) != "ID!" for part in needed):
        message = (
            "The document has variables without a default beside `$id: ID!`, the id of the record. "
            f"Remove them: {_EXAMPLE}"
        )
        raise Invalid(message)


def _is_optional(part: VariableDefinitionNode) -> bool:
    return part.default_value is not None or not print_ast(part.type).endswith("!")


async def _execute(
    settings: Settings,
    schema: Callable[[], LimitedSchema],
    contexts: Callable[[], Contexts],
    principal: Principal,
    text: str,
    id: str,
) -> Mapping[str, Any]:
    """Execute a document as the user; errors are worded and masked as in a response."""
    request_id = str(uuid4())
    context = contexts().new(Origin(request_id, "", settings.public_url or ""))
    context.continue_as(principal)
    try:
        result = await schema().execute_operation(Parameters(text, None, {"id": id}, {}), context)
    finally:
        await context.end()
    response = ResponseBuilder(request_id, settings.limits, {}).from_execution(result)
    body: dict[str, Any] = orjson.loads(response.body)
    return {name: body[name] for name in ("data", "errors") if name in body}

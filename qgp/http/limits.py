"""Limits of one request; each is a setting (LIMITS__…), and `serverInfo` publishes all of them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of one request and of its response.

    Attributes:
        body_bytes: length of the request body.
        body_seconds: time the body may take to arrive.
        query_characters: length of the document in Unicode code points.
        tokens: lexical tokens of the document.
        comments: comments in the document.
        operations: operations in the document.
        depth: levels of nested fields, outside introspection.
        introspection_depth: levels of nested fields below `__schema` or `__type`.
        fields: fields of one operation once its fragments are expanded.
        spreads: fragment spreads of one operation, those within other fragments too.
        overlaps: comparisons of fields that share a response name, in graphql-core's units.
        repeats: times that one set of braces may name the same field; validation compares them all.
        aliases: aliases of one operation once its fragments are expanded.
        directives: directives of one operation once its fragments are expanded.
        directives_per_location: directives at one place of the document.
        root_fields: root fields of one operation.
        root_mutations: root fields of one mutation.
        sensitive_mutations: root fields of one mutation that check a secret.
        cost: points of one operation: the records it can return at most, and their fields.
        page_default: records of a page of no other size; the default of `first` in the schema.
        page_max: records of a page at most.
        input_values: literals, variables and defaults, each counted as often as it is used.
        list_items: items of a list in the input.
        text_characters: length of a text in the variables; most input fields take less, CSV more.
        variables_bytes: length of the variables as compact JSON, CSV files left out.
        json_depth: levels of nested lists and objects in the variables.
        errors: errors of one response; further ones are left out.
        response_bytes: length of the response body.
        request_seconds: time from the parsed request to its result.
        live_connections: open WebSockets and event streams of one process.
        live_connections_per_user: of these, of one user.
        socket_operations: operations of one WebSocket at once.
        socket_message_bytes: length of one WebSocket message of the client.
        socket_init_seconds: time until the `connection_init` message of a WebSocket.
        socket_send_seconds: time that a client may take to read one live message or event.
    """

    body_bytes: int = 256 * 1024
    body_seconds: float = 10
    query_characters: int = 15_000
    tokens: int = 1_000
    comments: int = 50
    operations: int = 10
    depth: int = 12
    introspection_depth: int = 16
    fields: int = 1_000
    spreads: int = 500
    overlaps: int = 5_000
    repeats: int = 10
    aliases: int = 60
    directives: int = 50
    directives_per_location: int = 5
    root_fields: int = 50
    root_mutations: int = 5
    sensitive_mutations: int = 1
    cost: int = 50_000
    page_default: int = 25
    page_max: int = 100
    input_values: int = 5_000
    list_items: int = 100
    text_characters: int = 100_000
    variables_bytes: int = 128 * 1024
    json_depth: int = 20
    errors: int = 20
    response_bytes: int = 5 * 1024 * 1024
    request_seconds: float = 10
    live_connections: int = 2_000
    live_connections_per_user: int = 10
    socket_operations: int = 20
    socket_message_bytes: int = 64 * 1024
    socket_init_seconds: float = 10
    socket_send_seconds: float = 20

"""Default of CORS_HEADERS: request headers that browsers may send from allowed origins."""

REQUEST_HEADERS: tuple[str, ...] = (
    "accept", "authorization", "content-type", "x-request-id", "x-correlation-id", "x-qgp-explain",
    # files and caches (RFC 9110)
    "cache-control", "if-match", "if-modified-since", "if-none-match", "if-range",
    "if-unmodified-since", "range",
    # W3C Trace Context and Baggage, B3, Sentry, Datadog, New Relic, Elastic, AWS X-Ray
    "traceparent", "tracestate", "baggage", "b3", "x-b3-flags", "x-b3-parentspanid", "x-b3-sampled",
    "x-b3-spanid", "x-b3-traceid", "sentry-trace", "x-datadog-origin", "x-datadog-parent-id",
    "x-datadog-sampling-priority", "x-datadog-trace-id", "newrelic", "elastic-apm-traceparent",
    "x-amzn-trace-id",
    # client awareness and the preflight markers of GraphQL clients
    "apollographql-client-name", "apollographql-client-version", "apollo-require-preflight",
    "graphql-client-name", "graphql-client-version", "x-graphql-client-name",
    "x-graphql-client-version", "graphql-preflight", "graphql-require-preflight",
    "x-apollo-operation-id", "x-apollo-operation-name", "x-requested-with",
)  # fmt: skip

"""HTTP layer: GraphQL over HTTP with its limits, caches, middleware, health checks and logs."""

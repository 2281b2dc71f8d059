"""The HTTP edge: what stands between a socket and a GraphQL operation."""

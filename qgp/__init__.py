"""Quality Governance Platform: a GraphQL API for integrated management systems."""

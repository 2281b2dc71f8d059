"""Events of the organization's records: subscriptions and the change feed."""

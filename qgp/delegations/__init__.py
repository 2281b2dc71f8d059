"""Delegations: users who represent others while they are absent."""

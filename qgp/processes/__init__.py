"""Processes: what the organization does, from an input to a result, and who answers for it."""

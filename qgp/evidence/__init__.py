"""Objective evidence about records, and its links to clauses."""

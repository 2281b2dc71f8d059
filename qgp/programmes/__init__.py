"""Audit programmes, their items, priorities and coverage gaps (ISO 9001:2015, 9.2.2 a)."""

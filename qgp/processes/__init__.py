"""Processes of the organization and their owners (ISO 9001:2015, 4.4)."""

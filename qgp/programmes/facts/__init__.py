"""Statements about programme items, their priority and the coverage gap."""

"""Statements about audits, and the arithmetic of their scores."""

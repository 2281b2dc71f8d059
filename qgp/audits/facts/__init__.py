"""Statements about audits for other modules, and the computation of scores."""

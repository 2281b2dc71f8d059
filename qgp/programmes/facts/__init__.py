"""Statements about audit programmes, and what they cover."""

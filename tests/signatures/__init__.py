"""Signatures: who signs what, what it seals, and what becomes of it."""

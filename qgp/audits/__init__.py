"""Audits: planned, performed by an impartial team, scored, reported and closed."""

"""Audit programmes: what is audited when and why, and what nobody has looked at for too long."""

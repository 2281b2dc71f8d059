"""Proof of who calls: passwords, signed tokens and the sign-ins that a process remembers."""

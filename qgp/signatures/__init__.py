"""Who signed what, in which version, and what they meant by it (21 CFR 11.50 and 11.70)."""

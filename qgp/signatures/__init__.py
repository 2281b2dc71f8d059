"""Electronic signatures of record versions (21 CFR 11.50 and 11.70)."""

"""Commands on CAPAs and root cause analyses."""

"""Commands on CAPAs and their analyses."""

"""Commands on audits, audit teams, responses and sample sets."""

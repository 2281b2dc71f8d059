"""Commands on findings, their clauses and cause categories."""

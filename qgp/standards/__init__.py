"""Standards and their clauses: adopted from the catalogue, imported, or the organization's own."""

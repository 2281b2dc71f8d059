"""Evidence: what shows that something is so, and which clauses it speaks for or against."""

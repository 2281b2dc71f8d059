"""Commands on audit programmes and their items."""

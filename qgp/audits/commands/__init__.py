"""Commands on audits, their teams, responses and samples."""

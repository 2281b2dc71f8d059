"""Accounts: credentials, log-ins and tokens of people, outside any organization."""

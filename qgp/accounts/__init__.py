"""Accounts: credentials, sign-ins and tokens of people, outside any organization."""

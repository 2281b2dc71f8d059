"""Texts of messages to people, in the language of the organization."""

"""Webhooks: events of the organization, sent to addresses of integrations (Standard Webhooks)."""

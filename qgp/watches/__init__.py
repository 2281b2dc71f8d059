"""Watches: records whose changes a user wants to be notified of."""

"""Notifications: messages to a user about a record that concerns them."""

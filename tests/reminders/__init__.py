"""Reminders of due dates."""

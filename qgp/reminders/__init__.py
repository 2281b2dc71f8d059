"""Reminders of due dates: events before, on and after them, and their escalation."""

"""Commands on reminders."""

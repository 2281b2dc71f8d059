"""The trail as it is read."""

"""Comments on records, in threads of one level, with mentions of users."""

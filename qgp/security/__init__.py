"""The security log as its organization's administrators read it."""

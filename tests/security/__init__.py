"""The security log of an organization."""

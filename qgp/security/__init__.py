"""The security log of an organization, for its administrators."""

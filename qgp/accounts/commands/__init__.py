"""Commands on accounts: signing in and out, token renewal, passwords and invitations."""

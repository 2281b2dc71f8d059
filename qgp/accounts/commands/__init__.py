"""Commands on accounts: sign in and out, renew tokens, choose passwords, invite."""

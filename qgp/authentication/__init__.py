"""Authentication: passwords, signed tokens, and sign-ins cached in the process."""

"""Commands on the standards library: adopt, import, write, map and assess."""

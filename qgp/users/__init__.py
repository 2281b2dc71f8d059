"""Users: who works in an organization, in which role, where and until when."""

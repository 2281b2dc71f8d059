"""Mail: messages rendered in the organization's language, and their way to an SMTP server."""

"""Errors of the embedded PostgreSQL."""


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL failed; the message says what to do."""


class InUse(EmbeddedError):
    """Another process runs, or is just starting or stopping, the server of this data directory."""

"""What goes wrong with the embedded PostgreSQL, told to the person who started it."""


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked; the message says what to do."""


class InUse(EmbeddedError):
    """Another process runs, or is just starting or stopping, the server of this data directory."""

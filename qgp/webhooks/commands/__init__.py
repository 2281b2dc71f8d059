"""Commands on webhooks, and what the worker does: dispatch of events, and attempts to deliver."""

"""Executor of compiled queries: one SQL statement per level of the document, never one per row."""

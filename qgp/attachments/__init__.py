"""Attachments: files that belong to a record, from the promise of their bytes to the removal."""

"""Attachments: files of records, from upload through storage to deletion."""

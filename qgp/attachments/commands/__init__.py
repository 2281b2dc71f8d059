"""Commands on attachments, and the storage of their bytes."""

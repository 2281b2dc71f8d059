"""File upload, media type detection, storage and download; independent of records."""

"""Upload and download of attachments: `/files/…`."""

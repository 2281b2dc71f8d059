"""HTTP endpoint that uploads and downloads attachments: `/files/…`."""

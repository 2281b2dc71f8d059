"""Files: bytes that come in, are looked at, kept, and go out again; knows no record."""

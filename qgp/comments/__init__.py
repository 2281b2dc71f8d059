"""Comments: what people say to each other about a record, in threads of one level."""

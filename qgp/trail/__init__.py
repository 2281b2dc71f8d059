"""The history of every record, as it was and as it became; and the proof that it is whole."""

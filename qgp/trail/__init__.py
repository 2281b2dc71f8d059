"""The audit trail: history of each record, its state at an instant, and integrity verification."""

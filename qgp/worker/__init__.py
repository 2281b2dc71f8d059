"""Worker: executes background work on pgqueuer, fed by the outbox and by a daily schedule."""

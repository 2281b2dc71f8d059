"""Actions: who does what until when, whatever it follows from."""

"""What makes an action, through a mutation or a file."""

"""Calendar feeds: one private address for each user."""

"""The HTTP endpoint of calendar feeds, and its iCalendar content."""

"""Commands on notifications: make and cancel them as events happen, and mark them."""

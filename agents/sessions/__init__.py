"""Chat sessions, their messages, and the log of all that happens in them."""

"""How a text is cut into chunks."""

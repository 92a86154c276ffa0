"""How works are found in a text, what the text says about their order, and the graph of it. Nothing here is a stage."""

"""What only one type of document has, such as the requirements of a norm: a handler for each type, and plug-ins."""

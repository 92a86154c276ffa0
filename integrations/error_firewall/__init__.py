"""The error firewall: an error that was seen once stops the operation that would repeat it, before it runs."""

"""The error firewall over HTTP: `/api/firewall`."""

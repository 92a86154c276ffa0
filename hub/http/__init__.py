"""The HTTP side of the hub: the upgrade to WebSocket, the API, the console, and what all requests pass through."""

"""The command `tocsin`: start a hub, check its configuration, sign tokens, publish, follow channels, measure."""

from hub.cli.command import main

__all__ = ["main"]

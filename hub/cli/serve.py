"""`tocsin serve`: run a hub until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import errno
import socket
from typing import Any

from hub.cli.configuration import add_config_option, read
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Terminal
from hub.options import ServerOptions
from hub.serve import serve
from hub.settings import SettingsError

_BIND = "bind on address"
"""What asyncio writes into every error of listening; an error without it comes from reading files."""

EXAMPLES = """\
examples:
  tocsin serve
  tocsin serve --config /etc/tocsin/config.yaml
  tocsin serve --port 0                     # takes a free port and prints it
  TOCSIN_LOG__LEVEL=debug tocsin serve      # every option can be given as a variable
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `serve`."""
    add_config_option(parser)
    parser.add_argument("--host", help="address to listen on (server.host)")
    parser.add_argument("--port", type=int, help="port to listen on (server.port); 0 takes a free one")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes; only 1 for now")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Serve; return the hub's own exit code."""
    if args.workers != 1:
        raise Failure(Exit.USAGE, _workers(args.workers))
    settings = read(args.config, terminal, _overrides(args))
    try:
        return asyncio.run(serve(settings))
    except SettingsError as error:
        raise Failure(Exit.USAGE, error.problems) from None
    except OSError as error:
        raise cannot_start(error, settings.server) from error


def _workers(wanted: int) -> str:
    if wanted < 1:
        return f"--workers: expected 1, got {wanted}"
    return (
        f"--workers: got {wanted}, but several processes share channels by way of Redis, which this version "
        "doesn't support; leave --workers out to run one process"
    )


def _overrides(args: argparse.Namespace) -> dict[str, Any]:
    given = {"server.host": args.host, "server.port": args.port}
    return {path: value for path, value in given.items() if value is not None}


def cannot_start(error: OSError, server: ServerOptions) -> Failure:
    """Say why the hub can't start, and what to do."""
    if server.tls_certificate and _BIND not in str(error) and not isinstance(error, socket.gaierror):
        return Failure(Exit.USAGE, f"server.tls_certificate, server.tls_key: can't be used: {error}")
    host = f"[{server.host}]" if ":" in server.host else server.host
    place = f"{host}:{server.port}"
    if isinstance(error, socket.gaierror):
        return Failure(Exit.UNREACHABLE, f"{server.host} is no address of this machine; set --host or server.host")
    match error.errno:
        case errno.EADDRINUSE:
            text = f"{place} is in use by another program; choose another with --port or server.port"
        case errno.EACCES | errno.EPERM:
            text = f"{place}: no permission to listen there; choose a port above 1023 with --port or server.port"
        case errno.EADDRNOTAVAIL:
            text = f"{server.host} is no address of this machine; set --host or server.host"
        case _:
            return Failure(Exit.FAILURE, f"can't start: {error}")
    return Failure(Exit.UNREACHABLE, text)

"""`tocsin serve`: run a hub until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import socket
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from hub.cli.configuration import add_config_option, find, read
from hub.cli.exits import Exit, Failure
from hub.cli.terminal import Terminal
from hub.database.embedded import EmbeddedPostgres
from hub.database.need import embedded_for
from hub.embedded.folder import StoreFailed
from hub.options import ServerOptions, Settings
from hub.settings import SettingsError, load
from hub.workers.folder import Folder, default_path
from hub.workers.processors import usable
from hub.workers.slot import WorkerFailed
from hub.workers.store import EmbeddedValkey
from hub.workers.supervisor import Store, supervise
from hub.workers.valkey import binary, command

_BIND = "bind on address"
"""What stands in every error of listening; an error without it comes from reading files."""

EXAMPLES = """\
examples:
  tocsin serve
  tocsin serve --config /etc/tocsin/config.yaml
  tocsin serve --port 0                     # takes a free port and prints it
  tocsin serve --workers auto               # one process for each processor, on one port
  TOCSIN_LOG__LEVEL=debug tocsin serve      # every option can be given as a variable

signals: SIGTERM or Ctrl+C lets all connections go and ends, twice at once; SIGHUP reloads the configuration;
SIGUSR2 replaces the workers, one after the other, by fresh ones.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `serve`."""
    add_config_option(parser)
    parser.add_argument("--host", help="address to listen on (server.host)")
    parser.add_argument("--port", type=int, help="port to listen on (server.port); 0 takes a free one")
    parser.add_argument(
        "--workers",
        type=_workers,
        metavar="N",
        help="processes that share the port (server.workers), or auto: as many as there are processors to use. "
        "Without redis.url they share their channels by a Valkey that is run for them",
    )


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Serve; return the hub's own exit code."""
    overrides = _overrides(args)
    settings = read(args.config, terminal, overrides)
    source = partial(load, find(args.config, os.environ), overrides)
    count = settings.server.workers or usable()
    try:
        database = embedded_for(settings, count)
        if count == 1:
            # Who supervises workers serves nobody, and so doesn't load what serves.
            code: int = asyncio.run(import_module("hub.cli.serve_alone").serve_alone(settings, source, database))
            return code
        return asyncio.run(supervise(settings, count, source, _stores(settings, database)))
    except SettingsError as error:
        raise Failure(Exit.USAGE, error.problems) from None
    except WorkerFailed as error:
        raise Failure(Exit.FAILURE, error.lines) from None
    except StoreFailed as error:
        raise Failure(Exit.FAILURE, str(error)) from None
    except OSError as error:
        raise cannot_start(error, settings.server) from error


def _workers(text: str) -> int:
    if text == "auto":
        return 0
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of processes from 1 on, or auto; got {text}")
    return int(text)


def _stores(settings: Settings, database: EmbeddedPostgres | None) -> dict[str, Store]:
    """Return what the supervisor has to run for its workers: a Valkey where they have no Redis, and the database."""
    stores: dict[str, Store] = {}
    redis = settings.redis
    if not redis.url:
        path = default_path(settings.server.port, os.environ, Path.home())
        folder = Folder(Path(redis.embedded_dir) if redis.embedded_dir else path)
        stores["redis"] = EmbeddedValkey(folder, command(binary(), folder, redis.embedded_fsync))
    if database is not None:
        stores["database"] = database
    return stores


def _overrides(args: argparse.Namespace) -> dict[str, Any]:
    given = {"server.host": args.host, "server.port": args.port, "server.workers": args.workers}
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

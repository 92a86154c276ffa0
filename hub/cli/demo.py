"""`tocsin demo`: real work through all adapters, and what every channel says of it."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import structlog

from channels.ports import Publisher
from hub.cli.demo_view import View
from hub.cli.demo_watch import Watcher
from hub.cli.endpoint import Endpoint, add_options, endpoint_of, token_of
from hub.cli.exits import Exit, Failure
from hub.cli.serve import cannot_start
from hub.cli.terminal import Colour, Terminal
from hub.demo import place
from hub.demo.analyses import Pushed
from hub.demo.forge import Forge
from hub.demo.play import play
from hub.demo.stage import Stage
from hub.embedded.folder import StoreFailed
from hub.logs import configure as configure_log
from hub.options import LogOptions, ServerOptions

log = structlog.get_logger(__name__)

EXAMPLES = """\
examples:
  tocsin demo                              # a hub, a PostgreSQL and two minutes of work; the console's URL is printed
  tocsin demo --seconds 60 --port 8080
  tocsin demo --forever                    # until Ctrl+C
  tocsin demo --url http://127.0.0.1:8080  # the same work, told to a hub that runs already

Everything it starts is in a temporary folder and gone afterwards. The exit code is 1 when a channel stayed silent.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `demo`."""
    add_options(parser)
    parser.add_argument("--port", type=int, default=0, help="port of the demo's hub; without it a free one")
    duration = parser.add_mutually_exclusive_group()
    duration.add_argument("--seconds", type=_seconds, default=120.0, metavar="S", help="how long it plays; 120 if not")
    duration.add_argument("--forever", action="store_true", help="play until Ctrl+C")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Play; return 0 when every channel had something to say."""
    configure_log(LogOptions(level="error"))
    demo = Demo(args, terminal)
    try:
        asyncio.run(demo.run())
    except StoreFailed as error:
        raise Failure(Exit.FAILURE, str(error)) from None
    except OSError as error:
        raise cannot_start(error, ServerOptions(port=args.port)) from error
    return demo.conclude()


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise argparse.ArgumentTypeError(f"expected a time in seconds above 0, got {text}")
    return seconds


class Demo:
    """One run of it."""

    def __init__(self, args: argparse.Namespace, terminal: Terminal) -> None:
        self._seconds = None if args.forever else args.seconds
        self._args = args
        self._terminal = terminal
        self._watcher: Watcher | None = None

    async def run(self) -> None:
        """Play until time is up, or a signal comes; all is gone when this returns."""
        performance = asyncio.create_task(self._perform(), name="demo")
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, performance.cancel)
        try:
            await performance
        except asyncio.CancelledError:
            if not performance.cancelled():
                raise
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def _perform(self) -> None:
        self._terminal.tell("starting a PostgreSQL for the demo", Colour.GREY)
        async with place.folder() as folder, place.database(folder) as dsn, self._hub(dsn) as (endpoint, publish, push):
            stage = Stage(publish, dsn, folder)
            pushed = push(stage)
            watcher = self._watcher = Watcher(endpoint, lambda: token_of(self._args.token_file))
            watching = asyncio.create_task(watcher.run(), name="demo: watch")
            playing = asyncio.create_task(play(stage, pushed), name="demo: play")
            view = View(self._terminal, watcher.seen, stage.doing, endpoint.url)
            showing = asyncio.create_task(view.run(), name="demo: view")
            try:
                await asyncio.wait(
                    (watching, playing, showing), timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED
                )
                for task in (watching, playing, showing):
                    if task.done():
                        task.result()
            finally:
                for task in (playing, watching, showing):
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)

    @asynccontextmanager
    async def _hub(self, dsn: str) -> AsyncIterator[tuple[Endpoint, Publisher, Callable[[Stage], Pushed | None]]]:
        """Use the hub that was named, or run one."""
        args = self._args
        if args.url is not None:
            endpoint = endpoint_of(args.url)
            async with _client_of(endpoint, lambda: token_of(args.token_file)) as publish:
                yield endpoint, publish, lambda _: None
            return
        secret = place.new_secret()
        async with place.own_hub(lambda: place.settings_for(args.port, dsn, secret)) as (server, inbox):
            yield endpoint_of(server.url), inbox.put, lambda stage: Forge(stage, server.url, secret).pushed

    def conclude(self) -> int:
        """Say what came, and whether that is all."""
        if self._watcher is None:
            return Exit.INTERRUPTED
        for line in View(self._terminal, self._watcher.seen, {}, "").lines():
            self._terminal.say(line)
        if self._watcher.missing:
            self._terminal.tell(f"nothing came on {', '.join(self._watcher.missing)}", Colour.RED)
            return Exit.FAILURE
        return Exit.OK


@asynccontextmanager
async def _client_of(endpoint: Endpoint, token: Callable[[], str | None]) -> AsyncIterator[Publisher]:
    """Publish to a hub that runs elsewhere, by the package that services use.

    Raises:
        Failure: it isn't installed.
    """
    if importlib.util.find_spec("tocsin_client") is None:
        raise Failure(Exit.USAGE, "--url: needs the package tocsin-client; install it with pip")
    client: Any = importlib.import_module("tocsin_client")
    client.configure(endpoint.url, token=None if token() is None else token)
    try:
        yield cast(Publisher, client.notify_channel)
    finally:
        await asyncio.to_thread(client.flush, 2.0)
        client.configure(None)

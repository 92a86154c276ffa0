"""Loading the configuration: file, environment, command line; and all that is wrong with them at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.options import Settings
from hub.settings import SettingsError, Source, describe, load, lookalikes, masked

SECRET = "first-secret-of-at-least-32-bytes!!"


class Folder:
    """A place for one configuration file."""

    def __init__(self, path: Path) -> None:
        self.file = path / "config.yaml"

    def load(self, text: str = "", overrides: dict[str, Any] | None = None, **environment: str) -> Settings:
        """Load `text` with some variables."""
        self.file.write_text(text, encoding="utf-8")
        return load(Source(self.file, environment), overrides)

    def problems(self, text: str = "", overrides: dict[str, Any] | None = None, **environment: str) -> list[str]:
        """Return what is wrong, with the file's path cut out."""
        with pytest.raises(SettingsError) as caught:
            self.load(text, overrides, **environment)
        assert str(caught.value) == "\n".join(caught.value.problems)
        return [line.replace(str(self.file), "config.yaml") for line in caught.value.problems]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder of the test's own."""
    return Folder(tmp_path)


def test_without_a_file() -> None:
    """A hub starts without any configuration."""
    assert load(Source(None, {})) == Settings()


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "server:\nchannels:\n  rooms:\n", "\ufeffserver:\n"])
def test_an_empty_file_changes_nothing(folder: Folder, text: str) -> None:
    """Nor does a section with nothing under it."""
    assert folder.load(text) == Settings()


def test_environment_wins_over_the_file_and_the_command_line_over_both(folder: Folder) -> None:
    """The nearer to the start, the stronger."""
    text = "server: {port: 1, backlog: 1, drain: 1}"
    settings = folder.load(text, {"server.port": 3}, TOCSIN_SERVER__PORT="2", TOCSIN_SERVER__BACKLOG="2")
    assert (settings.server.port, settings.server.backlog, settings.server.drain) == (3, 2, 1)


def test_variables_are_read_by_the_type_of_their_option(folder: Folder) -> None:
    """What is a text stays one, whatever YAML would make of it."""
    settings = folder.load(
        TOCSIN_AUTH__ISSUER="on",
        TOCSIN_AUTH__AUDIENCE="{not: yaml",
        TOCSIN_AUTH__ANONYMOUS="yes",
        TOCSIN_AUTH__KEYS__0__ID="1",
        TOCSIN_AUTH__KEYS__0__SECRET=f"*{SECRET}",
        TOCSIN_SERVER__ORIGINS="https://a.example, https://b.example",
        TOCSIN_SERVER__HOSTS="[a.example, b.example]",
        TOCSIN_SERVER__TRUSTED_PROXIES="",
        TOCSIN_WEBSOCKET__HEARTBEAT="12.5",
        TOCSIN_CHANNELS__ROOMS="{ops: {members: [alice]}}",
        TOCSIN_CHANNELS__ROOMS__7__MEMBERS="alice,bob",
        TOCSIN_CHANNELS__DEFAULTS__SCHEMA="{type: object}",
    )
    assert (settings.auth.issuer, settings.auth.audience, settings.auth.anonymous) == ("on", "{not: yaml", True)
    assert settings.auth.keys[0].id == "1"
    assert settings.auth.keys[0].secret.get_secret_value() == f"*{SECRET}"
    assert settings.server.origins == ("https://a.example", "https://b.example")
    assert settings.server.hosts == ("a.example", "b.example")
    assert settings.server.trusted_proxies == ()
    assert settings.websocket.heartbeat == 12.5
    assert settings.channels.rooms["ops"].members == ("alice",)
    assert settings.channels.rooms["7"].members == ("alice", "bob")
    assert settings.channels.defaults.schema_ == {"type": "object"}


def test_texts_from_the_command_line_are_read_as_in_the_environment(folder: Folder) -> None:
    """Other values are taken as they are."""
    settings = folder.load("", {"server.port": "9000", "log.access": True, "server.hosts": "a,b"})
    assert (settings.server.port, settings.log.access, settings.server.hosts) == (9000, True, ("a", "b"))


def test_a_secret_may_come_from_the_environment_to_a_key_in_the_file(folder: Folder) -> None:
    """Entries of lists are numbered; 10 comes after 9."""
    ids = {f"TOCSIN_AUTH__KEYS__{n}__ID": f"k{n}" for n in range(12)}
    secrets = {f"TOCSIN_AUTH__KEYS__{n}__SECRET": SECRET for n in range(12)}
    folder.file.write_text("auth: {keys: [{id: old}]}")
    settings = load(Source(folder.file, ids | secrets))
    assert [key.id for key in settings.auth.keys] == [f"k{n}" for n in range(12)]


def test_keys_are_texts_and_dates_are_not_read(folder: Folder) -> None:
    """`on` and `7` may name a room, and `2026-11-21` a key."""
    keys = f"auth: {{keys: [{{id: 2026-11-21, secret: {SECRET}}}]}}"
    settings = folder.load(f"channels: {{rooms: {{on: , 7: , null: }}}}\n{keys}")
    assert list(settings.channels.rooms) == ["on", "7", "null"]
    assert settings.auth.keys[0].id == "2026-11-21"


def test_anchors_and_merges_work(folder: Folder) -> None:
    """A key that is merged in may be overridden; that is no key given twice."""
    text = """
channels:
  named:
    a: &a {history_size: 1, history_age: 1}
    b: &b {<<: *a, history_size: 2}
    c: {<<: [*b, *a], history_age: 3}
"""
    named = folder.load(text).channels.named
    assert [(c.history_size, c.history_age) for c in named.values()] == [(1, 1), (2, 1), (2, 3)]


def test_all_problems_come_at_once(folder: Folder) -> None:
    """From every source and of every kind; what is right is still checked against the rest."""
    text = """
port: 8080
server: {host: 0.0.0.0, prt: 80, port: on, tls_key: a.pem, origins: [https://a/b]}
limits: {batch: many}
channels: {rooms: {ops: {membres: [a]}}, named: {'user:a': {}}}
"""
    assert folder.problems(
        text,
        {"serve.port": 1},
        TOCSIN_SEVER__PORT="1",
        TOCSIN_SERVER__="1",
        TOCSIN_LOG__LEVEL="loud",
        TOCSIN_WEBSOCKET__PATH__X="1",
        TOCSIN_AUTH__KEYS__1__ID="k",
        TOCSIN_LIMITS__CHANNELS="{",
        TOCSIN_PORT="tcp://10.0.0.1:8080",
    ) == [
        "TOCSIN_AUTH__KEYS__1__ID: auth.keys has 0 entries, so the next one is auth.keys.0",
        "TOCSIN_LIMITS__CHANNELS, line 1, column 2: is not YAML: expected the node content, but found '<stream end>'",
        "TOCSIN_SERVER__: no such option",
        "TOCSIN_SEVER__PORT: no such option; did you mean TOCSIN_SERVER__PORT?",
        "TOCSIN_WEBSOCKET__PATH__X: no such option",
        "serve.port: no such option; did you mean server.port?",
        "server.port: expected a number, got True",
        "server.origins.0: expected scheme://host[:port] without a path, got 'https://a/b'",
        "server.prt: no such option; did you mean server.port?",
        "limits.batch: expected a valid integer, unable to parse string as an integer, got 'many'",
        "channels.named.user:a: a channel's name may not begin with user:, which is a namespace, got 'user:a'",
        "channels.rooms.ops.membres: no such option; did you mean channels.rooms.ops.members?",
        "log.level (TOCSIN_LOG__LEVEL): expected 'debug', 'info', 'warning' or 'error', got 'loud'",
        "port: no such option; did you mean server.port?",
        "server.host: 0.0.0.0 can be reached from other machines, and auth.keys is empty; "
        "set auth.keys (TOCSIN_AUTH__KEYS__0__ID and TOCSIN_AUTH__KEYS__0__SECRET), or listen on 127.0.0.1",
        "server.tls_certificate: needs server.tls_key, and the other way round",
    ]


def test_keys_that_cant_be_read_are_reported_alone(folder: Folder) -> None:
    """Not also as missing, nor as too short."""
    assert folder.problems("auth: {keys: [{secret: x}]}\nserver: {host: 0.0.0.0}") == ["auth.keys.0.id: required"]


def test_short_secrets_are_reported_beside_the_rest(folder: Folder) -> None:
    """They are looked at as soon as the keys have a shape."""
    first, second = folder.problems("auth: {keys: [{id: a, secret: hunter2}]}\nserver: {port: x}")
    assert first.startswith("server.port: ")
    assert second.startswith("auth.keys.0.secret: expected at least 32 bytes, got 7")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("server:\n  port: 1\n  port: 2\n", ", line 3, column 3: is not YAML: the key is there twice"),
        ("a: &x {b: *x, b: 1}", ", line 1, column 15: is not YAML: the key is there twice"),
        ("server: [{a: 1, a: 1}]", ", line 1, column 17: is not YAML: the key is there twice"),
        ("? [a]\n: 1\n", ", line 1, column 3: is not YAML: expected a text as key"),
        ("server: {{ port }}", ", line 1, column 10: is not YAML: expected a text as key"),
        ("server:\n\tport: 1", ", line 2, column 1: is not YAML: found character '\\t' that cannot start any token"),
        ("server: {port: 1", ", line 1, column 17: is not YAML: expected ',' or '}', but got '<stream end>'"),
        ("a: 1\n---\nb: 1\n", ", line 2, column 1: is not YAML: but found another document"),
        ("port: \x07", ": is not YAML: it has characters that can't be"),
        ("[server]", ": expected sections such as `server:`, got a list"),
        ("server", ": expected sections such as `server:`, got a str"),
        ("0", ": expected sections such as `server:`, got a int"),
    ],
)
def test_a_file_that_is_not_a_configuration(folder: Folder, text: str, problem: str) -> None:
    """With line and column where there are some."""
    assert folder.problems(text) == [f"config.yaml{problem}"]


@pytest.mark.parametrize("value", ["*{}", "!{} x", "'{}", "&{} *{}", "{{{}", '"{}', "a: {}: b", "@{}", "%{}", "`{}"])
def test_bad_yaml_never_shows_the_secret_that_made_it_bad(folder: Folder, value: str) -> None:
    """A random secret may begin with a sign that means something in YAML."""
    try:
        shown = repr(folder.load("auth:\n  keys:\n    - id: a\n      secret: " + value.replace("{}", SECRET)))
    except SettingsError as error:
        shown = str(error)
    assert SECRET[:8] not in shown


def test_a_file_that_cant_be_read(tmp_path: Path) -> None:
    """Missing, a folder, or not a text."""
    (tmp_path / "latin").write_bytes(b"server: {host: \xe9}")
    for name, reason in (
        ("missing", "can't be read: No such"),
        ("", "can't be read: Is a"),
        ("latin", "is not a text"),
    ):
        with pytest.raises(SettingsError, match=reason):
            load(Source(tmp_path / name, {}))


def test_describe_masks_secrets(folder: Folder) -> None:
    """And shows what is in effect; of channels, what they say themselves."""
    channels = "channels: {rooms: {ops: {members: [alice]}}, user: {history_size: 5}}"
    settings = folder.load(f"auth: {{keys: [{{id: a, secret: {SECRET}}}]}}\n{channels}")
    text = describe(settings)
    assert SECRET not in text
    assert SECRET not in repr(settings)
    tree = yaml.safe_load(text)
    assert tree == masked(settings)
    assert tree["auth"]["keys"] == [{"id": "a", "secret": "**********", "secret_file": ""}]
    assert tree["channels"]["rooms"] == {"ops": {"members": ["alice"]}}
    assert tree["channels"]["user"] == {"history_size": 5, "subscribe": "members"}
    assert tree["channels"]["defaults"]["schema"] is None
    assert tree["server"]["port"] == 8080


def test_describe_can_be_loaded_again(folder: Folder) -> None:
    """As long as it holds no secret."""
    settings = folder.load("channels: {named: {deploys: {schema: {type: object}}}, room: {publish: token}}")
    again = folder.load(describe(settings))
    assert masked(again) == masked(settings)


def test_variables_that_look_like_options() -> None:
    """They are not taken for one, since they may be Kubernetes'; but check-config can say so."""
    environment = {
        "TOCSIN_SERVER_PORT": "1",
        "TOCSIN_LOGLEVEL": "x",
        "TOCSIN_PORT": "tcp://",
        "TOCSIN_SERVER__PORT": "1",
    }
    assert lookalikes(environment) == [
        "TOCSIN_LOGLEVEL: is not an option; did you mean TOCSIN_LOG__LEVEL?",
        "TOCSIN_SERVER_PORT: is not an option; did you mean TOCSIN_SERVER__PORT?",
    ]

"""The generated reference: complete, and true."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from channels.model import NAMESPACES
from hub.configuration.catalog import paths, sections, variable
from hub.configuration.policy_options import policy_of
from hub.configuration.reference import config_yaml, configuration_page
from hub.options import Settings
from hub.settings import Source, load

NAMESPACE_PATHS = [("channels", space) for space in NAMESPACES]
SECRET = "first-secret-of-at-least-32-bytes!!"


def load_text(folder: Path, text: str, **environment: str) -> Settings:
    """Load a configuration."""
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return load(Source(file, environment))


def test_config_yaml_gives_exactly_the_defaults(tmp_path: Path) -> None:
    """A hub behaves with it as without it."""
    settings = load_text(tmp_path, config_yaml())
    assert settings == Settings()
    ours, plain = policy_of(settings.channels), policy_of(Settings().channels)
    assert ours.names == plain.names
    for channel in [*plain.names, "user:a", "room:a", "session:a", "job:a"]:
        assert ours.options(channel) == plain.options(channel)


def test_config_yaml_holds_every_option() -> None:
    """But for those of namespaces that are taken over from `channels.defaults`."""
    tree = yaml.safe_load(config_yaml())
    for path in paths():
        if (
            path[0] == "channels"
            and path[1] in ("user", "room", "session", "job")
            and path[2] not in ("subscribe", "publish")
        ):
            continue
        node = tree
        for part in path[:-1]:
            node = node[part]
        if path not in [("channels", space, "publish") for space in ("user", "session", "job")]:
            assert path[-1] in node, path


def test_config_yaml_can_be_read() -> None:
    """Lines fit a screen, and every option has a comment above it."""
    lines = config_yaml().splitlines()
    assert max(map(len, lines)) <= 120
    for before, line in pairwise(lines):
        if re.match(r" *[a-z_]+:", line):
            assert before.lstrip().startswith("# "), line


def test_the_examples_in_config_yaml_work(tmp_path: Path) -> None:
    """Uncommented, each in place of the default above it."""
    text = config_yaml()
    names = re.findall(r"^( *)# ([a-z_]+):(?: .*)?\n", text, re.MULTILINE)
    examples = [(indent, name) for indent, name in names if f"\n{indent}{name}: " in text]
    assert len(examples) >= 7
    for indent, name in dict.fromkeys(examples):
        text = re.sub(rf"^{indent}{name}: (\[\]|{{}}|null|\"\")\n(?={indent}# {name}:)", "", text, flags=re.MULTILINE)
        block = re.compile(rf"^{indent}# {name}:.*\n(?:{indent}#   .*\n)*", re.MULTILINE)
        for found in block.findall(text):
            text = text.replace(found, found.replace(f"{indent}# ", indent))
    for file in set(re.findall(r"/run/secrets/([a-z0-9-]+)", text)):
        (tmp_path / file).write_text(SECRET)
    settings = load_text(tmp_path, text.replace("/run/secrets/", f"{tmp_path}/"))
    assert settings.auth.keys[0].id == "2026-11"
    assert settings.server.origins == ("https://app.example.com",)
    assert settings.channels.rooms["ops"].members == ("alice", "bob")
    assert settings.channels.named["deploys"].history_size == 500
    assert settings.channels.defaults.schema_ == {"type": "object", "required": ["status"]}


def test_the_page_names_every_option_with_its_variable() -> None:
    """Those of namespaces once, under `channels.defaults`."""
    page = configuration_page()
    for path in paths():
        if path[:1] != ("channels",) or path[1] in ("defaults", "named", "rooms"):
            assert f"| `{'.'.join(path)}` |" in page
            assert f"| `{variable(path)}` |" in page
    for path, _ in sections():
        assert f"# `{'.'.join(path)}`\n" in page


def test_the_page_says_types_bounds_and_defaults() -> None:
    """As the options have them."""
    page = configuration_page()
    for row in (
        "| `server.port` | integer, at least 0, at most 65535 | `8080` | `TOCSIN_SERVER__PORT` | TCP port; 0",
        "| `auth.audience` | text, not empty | `tocsin` |",
        "| `auth.max_lifetime` | number, above 0 | `2592000.0` |",
        "| `auth.keys.0.id` | text |  | `TOCSIN_AUTH__KEYS__0__ID` |",
        '| `auth.keys.0.secret` | text | `""` |',
        "| `websocket.compression` | true or false | `true` |",
        "| `log.level` | debug, info, warning, error | `info` |",
        "| `channels.defaults.subscribe` | everyone, users, members, token, operators, nobody | `everyone` |",
        "| `channels.defaults.schema` | mapping | `null` |",
        "| `channels.rooms` | mapping | `{}` |",
        "| `server.hosts` | list | `[]` |",
        "| `channels.room.publish` | everyone, users, members, token, operators, nobody | `members` |",
    ):
        assert f"\n{row}" in page


def test_tables_have_five_columns() -> None:
    """A bar in a text would make a sixth."""
    rows = [line for line in configuration_page().splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


YAML_EXAMPLES = re.findall(r"```yaml\n(.*?)```", configuration_page(), re.DOTALL)


@pytest.mark.parametrize("text", YAML_EXAMPLES)
def test_the_examples_of_the_page_work(tmp_path: Path, text: str) -> None:
    """As they stand."""
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    assert load_text(tmp_path, text.replace("/run/secrets/tocsin-2026-11", str(secret))) != Settings()


def test_options_of_entries_are_listed() -> None:
    """Those of a list under 0, those of a mapping under NAME, with their variables."""
    page = configuration_page()
    for option, named in (
        ("auth.keys.0.secret_file", "TOCSIN_AUTH__KEYS__0__SECRET_FILE"),
        ("alerts.rules.NAME.threshold", "TOCSIN_ALERTS__RULES__NAME__THRESHOLD"),
        ("notifiers.slack.NAME.url", "TOCSIN_NOTIFIERS__SLACK__NAME__URL"),
    ):
        assert f"| `{option}` |" in page
        assert f"| `{named}` |" in page

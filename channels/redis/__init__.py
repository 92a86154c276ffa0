"""The ports of `channels.ports` on Redis or Valkey: several processes and machines are one hub.

From below to above: `config` and `connection` (one socket), `locator` (which server has which key), `pipeline` (many
scripts in one round trip) and `subscriptions` (the reader of what is published), `sender` (publishes in order, each
once), `feed` (one followed channel in this process), and `broker`, which puts them together.
"""

"""How the configuration is read, checked, explained and documented.

`hub.options` says what options there are; `hub.settings` is the way in.
"""

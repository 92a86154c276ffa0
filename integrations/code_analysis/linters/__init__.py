"""The linters: each module knows one tool's arguments and output. `catalog` makes those that are asked for."""

"""Builds the admin UI into hub/admin/, unless it is there and newer than its sources.

With --optional a failure is told in a line, and the exit status is 0: a hub without the admin UI is a hub all the same.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from scripts.node_projects import ADMIN, CLIENT, OWN, Failed, build, fetch_node, find_node, install_packages


def main(arguments: Sequence[str]) -> int:
    """Build; return the exit status."""
    if ADMIN.is_built:
        return 0
    try:
        node = find_node() or find_node(OWN) or fetch_node()
        for project in (CLIENT, ADMIN):
            install_packages(project, node)
            build(project, node)
    except Failed as failed:
        print(
            f"note: there is no new admin UI: {failed}. Install Node 20 or newer, and run: make admin",
            file=sys.stderr,
            flush=True,
        )
        return 0 if "--optional" in arguments else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

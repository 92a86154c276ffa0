"""`python -m hub.cli` is `tocsin`."""

import sys

from hub.cli import main

sys.exit(main())

"""`python -m hub.workers` is one worker. Only the supervisor starts it: it needs a link to it."""

import sys

from hub.workers.worker import main

sys.exit(main(sys.argv[1:]))

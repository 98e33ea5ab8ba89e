"""Run the engine process."""

import sys

from cephview.engine.worker.process import main

sys.exit(main())

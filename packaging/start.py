"""Where a frozen application begins: the same door as `python -m ftstudio`."""

import sys

from ftstudio.__main__ import main

sys.exit(main())

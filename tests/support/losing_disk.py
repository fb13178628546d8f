"""`ftstudio` on a disk that loses pictures for one of several processes each.

`LOSES` names them: RANK:FILE, separated by commas.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PIL import Image

from ftstudio.__main__ import main
from ftstudio.engine.vision import pictures

_load = pictures.load
_LOST = {
    name for rank, name in (one.split(":") for one in os.environ["LOSES"].split(",")) if rank == os.environ["RANK"]
}


def load(source: Path) -> Image.Image:
    """Open a picture as ever, unless it is lost."""
    if source.name in _LOST:
        raise FileNotFoundError(2, "No such file or directory", str(source))
    return _load(source)


if __name__ == "__main__":
    pictures.load = load
    sys.exit(main(sys.argv[1:]))

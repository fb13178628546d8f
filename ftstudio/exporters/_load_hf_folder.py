"""How someone without ftstudio loads a Hugging Face folder; the check of the export and its tests run this file."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

ASKING = runpy.run_path(str(Path(__file__).with_name("_ask_transformers.py")))


class Model:
    """The model of the folder, as plain transformers loads it."""

    def __init__(self, folder: Path) -> None:
        """Load it, with its tokenizer or its preparation of pictures."""
        import transformers

        config = transformers.AutoConfig.from_pretrained(folder)
        self.kind = ASKING["kind_of"](config, folder)
        self.labels: list[str] = ASKING["labels_of"](config, self.kind)
        self.model = getattr(transformers, self.kind.model).from_pretrained(folder).eval()
        self.prepare = getattr(transformers, self.kind.preparer).from_pretrained(folder)

    def logits(self, row: dict[str, str]) -> list[Any]:
        """Return one logit per label for a row (`text` and perhaps `text_pair`, or `image`); or such a list a word; of
        a model that writes, what it makes of each token (`_token_losses.py`).
        """
        return list(self.kind.ask(self.model, self.prepare, row))

"""How someone with nothing but a GGUF file reads it back; the check of the export and its tests run this file.

The `gguf` library opens the file and makes numbers of its weights; network and tokenizer are then those of plain
transformers, built from what the file says. The folder of the model that it was made from serves for comparison alone.
"""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
_FORMS = _HERE.parent / "engine" / "conversion"
LOSSES = runpy.run_path(str(_HERE / "_token_losses.py"))
NETWORK = runpy.run_path(str(_FORMS / "gguf_network.py"))
TOKENIZER = runpy.run_path(str(_FORMS / "gguf_tokenizer.py"))
_COMPARED = 8


class Model:
    """The network and the tokenizer that the file in the folder describes."""

    def __init__(self, folder: Path, original: str) -> None:
        """Read the file; `original` is the folder of the model that it was made from."""
        self.labels: list[str] = []
        self.original = Path(original)
        said, tensors = NETWORK["read_file"](next(folder.glob("*.gguf")))
        cut = json.loads((self.original / "tokenizer_config.json").read_text(encoding="utf-8"))
        self.prepare = TOKENIZER["tokenizer"](said, int(cut["model_max_length"]))
        self.prepare.truncation_side = cut.get("truncation_side", "right")
        self.model = NETWORK["network"](said, tensors).eval()

    def logits(self, row: dict[str, str]) -> list[Any]:
        """Return what it makes of each token (`_token_losses.py`)."""
        return list(LOSSES["losses"](self.model, self.prepare, row))

    def beside(self, rows: list[dict[str, str]]) -> dict[str, float]:
        """Return how tokens and likeliest next tokens of some rows compare with those of the original."""
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        words = [row["text"] if "text" in row else json.dumps(row) for row in rows[:_COMPARED]]
        theirs = AutoTokenizer.from_pretrained(self.original)
        ours, wanted = ([list(one(some)["input_ids"]) for some in words] for one in (self.prepare, theirs))
        read = [torch.tensor([ids[: self.prepare.model_max_length]]) for ids in wanted if ids]
        with torch.no_grad():
            mine = [self.model(one).logits[0].float() for one in read]
            del self.model  # so that never two networks are held
            other: Any = AutoModelForCausalLM.from_pretrained(self.original)
            other.eval()
            right = [other(one).logits[0].float() for one in read]
        apart = [float((a - b).abs().max()) for a, b in zip(mine, right, strict=True)]
        same = [int((a.argmax(1) == b.argmax(1)).sum()) for a, b in zip(mine, right, strict=True)]
        return {
            "same_tokens": sum(a == b for a, b in zip(ours, wanted, strict=True)) / max(len(words), 1),
            "same_next_token": sum(same) / max(sum(len(one) for one in mine), 1),
            "largest_logit_difference": max(apart, default=0.0),
        }

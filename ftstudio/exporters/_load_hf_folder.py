"""How someone without ftstudio loads a Hugging Face folder; the check of the export and its tests run this file."""

from __future__ import annotations

import math
import runpy
from pathlib import Path
from typing import Any

LOSSES = runpy.run_path(str(Path(__file__).with_name("_token_losses.py")))
WORDS = runpy.run_path(str(Path(__file__).with_name("_predict_places.py")))
PASSAGES = runpy.run_path(str(Path(__file__).with_name("_read_passages.py")))


class Model:
    """The model of the folder, as plain transformers loads it."""

    def __init__(self, folder: Path) -> None:
        """Load it, with its tokenizer or its preparation of pictures."""
        import transformers

        kind: Any
        preparer: Any
        config = transformers.AutoConfig.from_pretrained(folder)
        self.labels = [config.id2label[number] for number in range(config.num_labels)]
        self.reads_pictures = (folder / "preprocessor_config.json").is_file() or not (
            folder / "tokenizer_config.json"
        ).is_file()
        self.writes = any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in config.architectures or ())
        self.tags_words = any(name.endswith("ForTokenClassification") for name in config.architectures or ())
        self.finds_answers = any(name.endswith("ForQuestionAnswering") for name in config.architectures or ())
        self.rewrites = any(
            name.endswith(("ForConditionalGeneration", "MTModel")) for name in config.architectures or ()
        )
        if self.writes or self.rewrites:
            self.labels = []
            kind = transformers.AutoModelForSeq2SeqLM if self.rewrites else transformers.AutoModelForCausalLM
            preparer = transformers.AutoTokenizer
        elif self.finds_answers:
            kind, preparer = transformers.AutoModelForQuestionAnswering, transformers.AutoTokenizer
        elif self.tags_words:
            kind, preparer = transformers.AutoModelForTokenClassification, transformers.AutoTokenizer
        elif self.reads_pictures:
            kind = transformers.AutoModelForImageClassification
            preparer = transformers.AutoImageProcessor
        else:
            kind, preparer = transformers.AutoModelForSequenceClassification, transformers.AutoTokenizer
        self.model = kind.from_pretrained(folder).eval()
        self.prepare = preparer.from_pretrained(folder)

    def logits(self, row: dict[str, str]) -> list[Any]:
        """Return one logit per label for a row (`text` and perhaps `text_pair`, or `image`); or such a list a word; of
        a model that writes, what it makes of each token (`_token_losses.py`).
        """
        import torch
        from PIL import Image, ImageOps

        if self.writes or self.rewrites:
            return list(LOSSES["losses"](self.model, self.prepare, row))
        if self.finds_answers:
            return list(PASSAGES["logits"](self.model, self.prepare, row["text"], row["text_pair"]))
        if self.tags_words:
            return self._of_words(row["text"])
        if self.reads_pictures:
            picture = ImageOps.exif_transpose(Image.open(row["image"])).convert("RGB")
            inputs = self.prepare(picture, return_tensors="pt")
        else:
            inputs = self.prepare(row["text"], row.get("text_pair"), truncation=True, return_tensors="pt")
        with torch.no_grad():
            values: list[float] = self.model(**inputs).logits[0].float().tolist()
        return values

    def _of_words(self, passage: str) -> list[list[float]]:
        """Return what is said of each word by the token that its first letter is in; unread words are outside."""
        import torch

        inputs = self.prepare(passage, truncation=True, return_offsets_mapping=True, return_tensors="pt")
        offsets = inputs.pop("offset_mapping")[0].tolist()
        with torch.no_grad():
            values = self.model(**inputs).logits[0].float().tolist()
        outside = [0.0] + [-1e4] * (len(self.labels) - 1)
        found, before = [], None
        for start, _ in WORDS["words"](passage).tolist():
            at = next((number for number, (a, b) in enumerate(offsets) if a <= start < b), None)
            said = values[at] if at is not None else outside
            found.append(_going_on(said) if at is not None and at == before else said)
            before = at
        return found


def _going_on(said: list[float]) -> list[float]:
    """Return what is said of a word whose token speaks for the word before, too: it goes on with what that began."""
    pairs = zip(said[1::2], said[2::2], strict=True)
    joined = [(min(pair), max(pair) + math.log1p(math.exp(min(pair) - max(pair)))) for pair in pairs]
    return [said[0], *(value for pair in joined for value in pair)]

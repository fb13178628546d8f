"""Writes texts with the model in this folder. Needs only Python with {packages}.

    python predict.py {example}
    python predict.py --json {example}

{inputs}
A folder stands for all such files in it; without any input, each line of standard input is one. What is written in
place of each comes on a line of its own, or with --json as one JSON list. To use the model in a program of your own:

    from predict import Model
    model = Model("path/to/this/folder")
    print(model.answer({row}))

How it writes (`Model.written`): encoder.onnx reads the text once and gives keys and values, which decoder.onnx looks up
in. That one is told the token written last and what it remembers of those before; the likeliest token that it names is
written next, until one ends the text or it is as long as was learned.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np


class Model:
    """The two networks with the tokenizer and the way to write."""

    def __init__(self, folder: Any = ".") -> None:
        """Open the folder that this file came in."""
        import onnxruntime
        from tokenizers import Tokenizer

        folder = Path(folder)
        self.labels: list[str] = read_json(folder / "labels.json")["labels"]
        self.recipe: dict[str, Any] = read_json(folder / "preprocessing.json")
        where = {"providers": ["CPUExecutionProvider"]}
        self.reader = onnxruntime.InferenceSession(str(folder / "encoder.onnx"), **where)
        self.writer = onnxruntime.InferenceSession(str(folder / "decoder.onnx"), **where)
        self.memories = [one for one in self.writer.get_inputs() if one.name.startswith("past_")]
        self.tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def answer(self, row: dict[str, str]) -> dict[str, Any]:
        """Return the text that is written in place of {"text": …}."""
        return {"written": self.written(row)}

    def written(self, row: dict[str, str]) -> str:
        """Write a text, the likeliest token each time."""
        way, read, past = self.recipe["writes"], self._read(row["text"]), self._nothing()
        ids, newest = [], way["begins"]
        for at in range(way["longest"]):
            said, past = self._say([newest], read, past)
            newest = int(said[-1].argmax())
            if at == 0 and way["first"] is not None:
                newest = way["first"]
            if at == way["longest"] - 1 and way["last"] is not None:
                newest = way["last"]
            ids.append(newest)
            if newest in way["ends"]:
                break
        words: str = self.tokenizer.decode(ids, skip_special_tokens=True)
        return words.strip()

    def logits(self, row: dict[str, str]) -> list[list[float]]:
        """Return how surprising each token of the `target` of a row is, in nats, and whether it was the likeliest."""
        wanted = self._wanted(row["target"])
        said, _ = self._say([self.recipe["writes"]["begins"], *wanted[:-1]], self._read(row["text"]), self._nothing())
        most = said.max(axis=1, keepdims=True)
        sums = np.log(np.exp((said - most).astype(np.float64)).sum(axis=1)) + most[:, 0]
        surprise = sums - said[np.arange(len(wanted)), wanted]
        return np.stack((surprise, said.argmax(axis=1) == wanted), axis=1).tolist()  # type: ignore[no-any-return]

    def _read(self, text: str) -> dict[str, Any]:
        """Return what the writing network looks up in a text: its mask, and keys and values of each layer."""
        ids = np.array([self._cut(text)], dtype=np.int64)
        mask = np.ones_like(ids)
        values = self.reader.run(None, {"input_ids": ids, "attention_mask": mask})
        named = zip((one.name for one in self.reader.get_outputs()), values, strict=True)
        return {"attention_mask": mask, **dict(named)}

    def _nothing(self) -> dict[str, Any]:
        """Return what is remembered before anything was written: keys and values of no token."""
        return {one.name: np.zeros((1, one.shape[1], 0, one.shape[3]), np.float32) for one in self.memories}

    def _say(self, ids: list[int], read: dict[str, Any], past: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return what the network says after each of some tokens, shape [tokens, vocabulary], and what it remembers."""
        said, *now = self.writer.run(None, {"input_ids": np.array([ids], dtype=np.int64), **read, **past})
        return said[0], dict(zip((one.name for one in self.memories), now, strict=True))

    def _cut(self, text: str) -> list[int]:
        """Return the tokens of a text, as many as the model reads; the special ones at its ends are kept."""
        ids: list[int] = self.tokenizer.encode(text).ids
        limit = self.recipe["max_length"]
        if len(ids) <= limit:
            return ids
        before = {"tail": self.recipe["writes"]["lead"], "both": limit // 2}.get(self.recipe["long_text"], limit - 1)
        return [*ids[:before], *ids[before - limit :]]

    def _wanted(self, text: str) -> list[int]:
        """Return the tokens of a text to be written, with the one that ends it, as many as are learned."""
        ids, way = list(self.tokenizer.encode(text).ids), self.recipe["writes"]
        if way["ended_by"] is not None and way["ended_by"] not in ids:
            ids.append(way["ended_by"])
        return ids if len(ids) <= way["target_length"] else [*ids[: way["target_length"] - 1], ids[-1]]


def read_json(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def texts(inputs: list[str]) -> list[str]:
    """Return the texts that the inputs name: they themselves, what a file holds, or each file of a folder."""
    found = []
    for one in inputs:
        path = Path(one)
        is_path = os.path.exists(one)  # noqa: PTH110  (any text may be rewritten, and most are no path at all)
        paths = sorted(file for file in path.rglob("*") if file.is_file()) if is_path and path.is_dir() else [path]
        found += [file.read_text(encoding="utf-8") for file in paths] if is_path else [one]
    return found


def main() -> None:
    """Rewrite what the command line or standard input gives."""
    words = sys.argv[1:]
    if "--help" in words or "-h" in words:
        print(__doc__)
        return
    model = Model(Path(__file__).parent)
    given = texts([word for word in words if word != "--json"] or sys.stdin.read().splitlines())
    answers = [{"text": text, **model.answer({"text": text})} for text in given]
    if "--json" in words:
        print(json.dumps(answers, ensure_ascii=False, indent=1))
        return
    for one in answers:
        print(one["written"])


if __name__ == "__main__":
    main()

"""Answers with the model in this folder. Needs only Python with {packages}.

    python predict.py {example}
    python predict.py --json {example}

{inputs}
A folder stands for all such files in it; without any input, each line of standard input is one. The places found come
as a table, or with --json as one JSON list. To use the model in a program of your own:

    from predict import Model
    model = Model("path/to/this/folder")
    print(model.answer({row}))
"""

import json
import os
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np

UNREAD = -1e4  # what is said of every kind of place for a word that the model did not read
AT_ONCE = 16  # windows
UNSPACED = (  # scripts whose letters are words each
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003fffd"
)
JOINED = "".join(
    chr(at)
    for at in (*range(0x80, 0x1F000), *range(0xE0000, 0xE0200))
    if unicodedata.category(chr(at)) in ("Mn", "Mc", "Me", "Cf")
)
WORD = re.compile(rf"[{UNSPACED}][{JOINED}]*|[^\W{UNSPACED}]+(?:[{JOINED}]+[^\W{UNSPACED}]*)*|[^\w\s][{JOINED}]*")


class Model:
    """The network with its labels, its preparation of the input and its way to decide."""

    def __init__(self, folder: Any = ".") -> None:
        """Open the folder that this file came in."""
        import onnxruntime
        from tokenizers import Tokenizer

        folder = Path(folder)
        self.labels: list[str] = read_json(folder / "labels.json")["labels"]
        self.decision: dict[str, Any] = read_json(folder / "decision.json")
        self.recipe: dict[str, Any] = read_json(folder / "preprocessing.json")
        self.network = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
        self.tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.finds_answers = self.recipe["answer"] == "extract"

    def answer(self, row: dict[str, str]) -> dict[str, Any]:
        """Return the places that {"text": …} has, or the one place of {"text": question, "text_pair": …}."""
        logits = np.array(self.logits(row))
        if self.finds_answers:
            return found(logits, row["text_pair"], self.recipe["longest"], self.decision)
        return {"places": marked(logits, row["text"], self.labels)}

    def decided(self, logits: list[list[float]]) -> dict[str, Any]:
        """Return what follows from what the network said: the tag of each word, or the first and last word."""
        values = np.array(logits)
        if self.finds_answers:
            first, last, share = best(values, self.recipe["longest"], self.decision)
            return {"label": [f"{first}-{last}"], "known": share >= self.decision["dont_know_below"]}
        return {"label": [self.labels[at] for at in values.argmax(axis=1)] if len(values) else [], "known": True}

    def logits(self, row: dict[str, str]) -> list[list[float]]:
        """Return what the network says of each word: one number a tag; or how well an answer begins and ends at no
        word, then at each word of the second text.
        """
        if self.finds_answers:
            return self._of_windows(row["text"], row["text_pair"])
        tokens, ids, segments = self._cut(row["text"])
        return tagged(words(row["text"]), tokens, self._run([(ids, segments)])[0]).tolist()  # type: ignore[no-any-return]

    def _cut(self, text: str) -> tuple[Any, Any, Any]:
        """Return where the tokens of a text come from, their numbers and their segments, as many as the model reads."""
        self.tokenizer.no_truncation()
        encoded, limit = self.tokenizer.encode(text), self.recipe["max_length"]
        kept = np.arange(len(encoded.ids))
        if len(kept) > limit:  # the first and the last token are special ones
            before = {"tail": 1, "both": limit // 2}.get(self.recipe["long_text"], limit - 1)
            kept = np.concatenate([kept[:before], kept[before - limit :]])
        return tokens_of(encoded, 0)[kept], np.array(encoded.ids)[kept], np.array(encoded.type_ids)[kept]

    def _of_windows(self, question: str, passage: str) -> list[list[float]]:
        limit = self.recipe["max_length"]
        self.tokenizer.no_truncation()
        offsets = self.tokenizer.encode(question, add_special_tokens=False).offsets
        short = question if len(offsets) <= limit // 2 else question[: offsets[limit // 2 - 1][1]]
        self.tokenizer.enable_truncation(limit, stride=self.recipe["overlap"], strategy="only_second")
        encoded = self.tokenizer.encode(short, passage)
        windows = [encoded, *encoded.overflowing]
        said = [
            one
            for start in range(0, len(windows), AT_ONCE)
            for one in self._run([(window.ids, window.type_ids) for window in windows[start : start + AT_ONCE]])
        ]
        return read(words(passage), [tokens_of(window, 1) for window in windows], said).tolist()  # type: ignore[no-any-return]

    def _run(self, rows: list[tuple[Any, Any]]) -> Any:
        """Return what the network says of each token of rows (numbers and segments of tokens)."""
        shape = len(rows), max(len(ids) for ids, _ in rows)
        values = {name: np.zeros(shape, np.int64) for name in ("input_ids", "attention_mask", "token_type_ids")}
        values["input_ids"] += self.recipe["pad"]
        for at, (ids, segments) in enumerate(rows):
            values["input_ids"][at, : len(ids)], values["token_type_ids"][at, : len(ids)] = ids, segments
            values["attention_mask"][at, : len(ids)] = 1
        return self.network.run(["logits"], {name: values[name] for name in self.recipe["inputs"]})[0]


def words(text: str) -> Any:
    """Return where words and other signs begin and end, in letters, shape [words, 2]."""
    return np.array([word.span() for word in WORD.finditer(text)], dtype=np.int64).reshape(-1, 2)


def tokens_of(encoded: Any, which: int) -> Any:
    """Return of each token 0 if it is of text `which`, else -1, and its first letter and the one after its last."""
    return np.array(
        [(0 if one == which else -1, *at) for one, at in zip(encoded.sequence_ids, encoded.offsets, strict=True)],
        dtype=np.int64,
    ).reshape(-1, 3)


def tagged(places: Any, tokens: Any, said: Any) -> Any:
    """Return what is said of each word by the token that its first letter is in; unread words are outside.

    A word whose token speaks for the word before, too, goes on with what that began.
    """
    real = np.flatnonzero((tokens[:, 0] == 0) & (tokens[:, 2] > tokens[:, 1]))
    result = np.full((len(places), said.shape[-1]), UNREAD, dtype=np.float32)
    result[:, 0] = 0
    if not len(real):
        return result
    at = np.minimum(np.searchsorted(tokens[real, 2], places[:, 0], side="right"), len(real) - 1)
    holds = (tokens[real[at], 1] <= places[:, 0]) & (places[:, 0] < tokens[real[at], 2])
    result[holds] = said[real[at[holds]]]
    shared = np.flatnonzero(holds[1:] & holds[:-1] & (at[1:] == at[:-1])) + 1
    begins, goes_on = result[shared, 1::2].copy(), result[shared, 2::2].copy()
    result[shared, 1::2], result[shared, 2::2] = np.minimum(begins, goes_on), np.logaddexp(begins, goes_on)
    return result


def read(places: Any, windows: list[Any], said: list[Any]) -> Any:
    """Return how well an answer begins and ends at no word and at each word, shape [1 + words, 2].

    A word speaks from the window in which it has most tokens on both sides, by its first token for the beginning and
    its last for the end; no answer is as likely as in the window where it is least likely.
    """
    result = np.zeros((1 + len(places), 2), dtype=np.float32)
    result[0] = np.min([one[0] for one in said], axis=0)
    best_yet = np.full((len(places), 2), -np.inf)
    for tokens, values in zip(windows, said, strict=True):
        within = np.flatnonzero(tokens[:, 0] == 0)
        if not len(within) or not len(places):
            continue
        starts, ends = tokens[within, 1], tokens[within, 2]
        first = np.minimum(np.searchsorted(ends, places[:, 0], side="right"), len(within) - 1)
        last = np.maximum(np.searchsorted(starts, places[:, 1], side="left") - 1, 0)
        there = (starts[first] < places[:, 1]) & (ends[first] > places[:, 0])
        there &= (starts[last] < places[:, 1]) & (ends[last] > places[:, 0])
        for side, token in enumerate((within[first], within[last])):
            around = np.minimum(token - within[0], within[-1] - token) + 0.01 * len(within)
            better = there & (around > best_yet[:, side])
            best_yet[better, side] = around[better]
            result[1:][better, side] = values[token[better], side]
    for at in range(1, len(result)):  # a word that no token stands for has what the word before has
        result[at] = np.where(np.isfinite(best_yet[at - 1]), result[at], result[at - 1])
    return result


def probabilities(logits: Any) -> Any:
    """Return softmax over the last axis."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def marked(logits: Any, text: str, labels: list[str]) -> list[dict[str, Any]]:
    """Return the places that the tags of words stand for, each with the mean probability of its tags."""
    places: Any = words(text)
    runs: list[list[Any]] = []
    for at, number in enumerate(logits.argmax(axis=1) if len(logits) else ()):
        label = labels[number]
        if label[0] == "I" and runs and runs[-1][1:] == [at, label[2:]]:
            runs[-1][1] = at + 1
        elif label != "O":
            runs.append([at, at + 1, label[2:]])
    sure = probabilities(logits).max(axis=1) if len(logits) else np.zeros(0)
    return [
        {**place(text, places, first, after - 1), "label": kind, "probability": float(sure[first:after].mean())}
        for first, after, kind in runs
    ]


def best(logits: Any, longest: int, decision: dict[str, Any]) -> tuple[int, int, float]:
    """Return the first and the last word of the best place of at most `longest` words, -1 for none, and how sure."""
    shares = probabilities(logits.T / decision["temperature"])
    starts, ends = logits[1:, 0], np.concatenate([logits[1:, 1], np.full(longest - 1, -np.inf)])
    none = -1, -1, float(shares[0, 0] * shares[1, 0])
    if not len(starts):
        return none
    reached = np.lib.stride_tricks.sliding_window_view(ends, longest)
    sums = starts + reached.max(axis=1)
    first = int(sums.argmax())
    if logits[0].sum() > sums[first] + decision["no_answer_margin"]:
        return none
    last = first + int(reached[first].argmax())
    return first, last, float(shares[0, first + 1] * shares[1, last + 1])


def found(logits: Any, text: str, longest: int, decision: dict[str, Any]) -> dict[str, Any]:
    """Return the answer that stands in a text; it is empty where the text has none."""
    first, last, share = best(logits, longest, decision)
    sure = {"known": bool(share >= decision["dont_know_below"]), "probability": share}
    if first < 0:
        return {"text": "", "start": None, "end": None, **sure}
    return {**place(text, words(text), first, last), **sure}


def place(text: str, places: Any, first: int, last: int) -> dict[str, Any]:
    """Return the letters from one word to another."""
    start, end = int(places[first, 0]), int(places[last, 1])
    return {"text": text[start:end], "start": start, "end": end}


def read_json(path: Path) -> Any:
    """Return what a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def rows(pairs: bool, inputs: list[str]) -> list[dict[str, str]]:
    """Return one row for each input: a text (a question and a text, parted by a tab), a file, or those of a folder."""
    found = []
    for one in inputs:
        path = Path(one)
        is_path = os.path.exists(one)  # noqa: PTH110  (any text may be asked about, and most are no path at all)
        paths = sorted(file for file in path.rglob("*") if file.is_file()) if is_path and path.is_dir() else [path]
        for text in [file.read_text(encoding="utf-8") for file in paths] if is_path else [one]:
            first, _, second = text.partition("\t") if pairs else (text, "", "")
            found.append({"text": first, "text_pair": second} if pairs else {"text": first})
    return found


def main() -> None:
    """Answer what the command line or standard input asks."""
    asked = sys.argv[1:]
    if "--help" in asked or "-h" in asked:
        print(__doc__)
        return
    model = Model(Path(__file__).parent)
    given = rows(model.finds_answers, [word for word in asked if word != "--json"] or sys.stdin.read().splitlines())
    answers = [model.answer(row) for row in given]
    if "--json" in asked:
        whole = [{"input": row, **answer} for row, answer in zip(given, answers, strict=True)]
        print(json.dumps(whole, ensure_ascii=False, indent=1))
        return
    for row, answer in zip(given, answers, strict=True):
        print(repr(" | ".join(row.values())[:100]))
        for one in answer.get("places", [answer]):
            told = one["text"] or "no answer"
            doubt = "" if one.get("known", True) else "  (not known)"
            print(f"  {told[:60]:60s} {one.get('label', 'answer'):20s} {one['probability']:6.1%}{doubt}")


if __name__ == "__main__":
    main()

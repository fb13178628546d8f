"""What a GGUF file says of a tokenizer: its pieces, how they are merged, how texts are cut before, special tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ftstudio.core.errors import InputError
from ftstudio.core.text import Text, text
from ftstudio.engine.conversion import gguf_tokenizer as kinds

_A_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
_SPECIAL = {"bos": "bos_token_id", "eos": "eos_token_id", "unk": "unk_token_id", "pad": "pad_token_id"}


@dataclass(frozen=True)
class Vocabulary:
    """The pieces of a tokenizer in the order of their numbers, what each is, and how they come to be.

    `model` is `gpt2` (bytes are merged in the order of `merges`, the text is cut as `cut` says) or `llama` (letters
    are merged, those with the best of `scores` first).
    """

    model: str
    pieces: tuple[str, ...]
    kinds: tuple[int, ...]
    cut: str
    merges: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    begins_with_space: bool = False


def vocabulary(tokenizer: Any, size: int) -> Vocabulary:
    """Return what a file says of a fast tokenizer of transformers, for a network that knows `size` tokens.

    Raises:
        InputError: it is of a kind that programs which read GGUF do not have.
    """
    described = json.loads(tokenizer.backend_tokenizer.to_str())
    model = described["model"]
    if model["type"] != "BPE":
        raise _unknown(text("its pieces are not merged in pairs ({kind})", kind=model["type"]))
    numbers = {**model["vocab"], **{one["content"]: one["id"] for one in described["added_tokens"]}}
    pieces = [f"[PAD{at}]" for at in range(size)]
    what = [kinds.UNUSED] * size
    for piece, at in numbers.items():
        pieces[at], what[at] = piece, kinds.NORMAL
    for one in described["added_tokens"]:
        what[one["id"]] = kinds.CONTROL if one["special"] else kinds.OWN
    merges = [one if isinstance(one, str) else " ".join(one) for one in model["merges"]]
    if model.get("byte_fallback"):
        return _of_sentences(described, tokenizer.unk_token_id, pieces, what, merges)
    return Vocabulary("gpt2", tuple(pieces), tuple(what), _cut(described), merges=tuple(merges))


def _of_sentences(
    described: Mapping[str, Any], unknown: int | None, pieces: list[str], what: list[int], merges: list[str]
) -> Vocabulary:
    """Describe a tokenizer that came from SentencePiece; the order of its merges is that of the scores it had there."""
    for at, piece in enumerate(pieces):
        if what[at] == kinds.NORMAL and _A_BYTE.fullmatch(piece):
            what[at] = kinds.BYTE
    if unknown is not None:
        what[unknown] = kinds.UNKNOWN
    first: dict[str, int] = {}
    for rank, merge in enumerate(merges):
        first.setdefault(merge.replace(" ", "", 1), rank)
    scores = [-float(first.get(piece, len(merges) + at)) for at, piece in enumerate(pieces)]
    spaced = '"Prepend"' in json.dumps(described["normalizer"]) or _is_spaced(described["pre_tokenizer"])
    return Vocabulary("llama", tuple(pieces), tuple(what), "default", scores=tuple(scores), begins_with_space=spaced)


def _is_spaced(step: Mapping[str, Any] | None) -> bool:
    return step is not None and step["type"] == "Metaspace" and step.get("prepend_scheme") != "never"


def _cut(described: Mapping[str, Any]) -> str:
    try:
        return kinds.name_of_cut(described["pre_tokenizer"] or {"type": "none"})
    except ValueError as error:
        raise _unknown(text("it cuts texts in a way of its own")) from error


def _unknown(reason: Text) -> InputError:
    return InputError(
        text("The tokenizer of this model has no form in GGUF: {reason}.", reason=reason),
        text("Export it as a Hugging Face folder."),
        field="format",
    )


def write_vocabulary(writer: Any, tokenizer: Any, size: int) -> None:
    """Add all that is to be said of a tokenizer to a `gguf.GGUFWriter`; raises `InputError` as `vocabulary` does."""
    made = vocabulary(tokenizer, size)
    writer.add_tokenizer_model(made.model)
    writer.add_tokenizer_pre(made.cut)
    writer.add_token_list(list(made.pieces))
    writer.add_token_types(list(made.kinds))
    if made.scores:
        writer.add_token_scores(list(made.scores))
        writer.add_add_space_prefix(made.begins_with_space)
    else:
        writer.add_token_merges(list(made.merges))
    for name, attribute in _SPECIAL.items():
        if (number := getattr(tokenizer, attribute)) is not None:
            getattr(writer, f"add_{name}_token_id")(number)
    ids = list(tokenizer("a")["input_ids"])
    writer.add_add_bos_token(bool(ids) and ids[0] == tokenizer.bos_token_id)
    writer.add_add_eos_token(bool(ids) and ids[-1] == tokenizer.eos_token_id)
    if isinstance(tokenizer.chat_template, str):
        writer.add_chat_template(tokenizer.chat_template)

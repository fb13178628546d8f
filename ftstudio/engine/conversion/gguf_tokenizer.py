"""Builds the tokenizer that a GGUF file describes, and knows by which names such files call the ways to cut texts.

Files name the way a text is cut before pieces are merged (`tokenizer.ggml.pre`); readers have it built in. The patterns
are those of llama.cpp (`src/llama-vocab.cpp`), which took them from the tokenizers of the models. Also run by path, by
those who have only the file and not this program: it imports nothing of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

NORMAL, UNKNOWN, CONTROL, OWN, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
SPACE = "▁"
_LETTERS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
_SIGNS = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_CASES = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|"
    r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


class Cut(NamedTuple):
    """How a text is cut: by a pattern, or (empty) as GPT-2 did; `digits` apart from each other before that.

    `whole` tells that a piece that is a token needs no merges, `composed` that accents are joined to letters first.
    """

    pattern: str = ""
    digits: bool = False
    whole: bool = False
    composed: bool = False


CUTS = {
    "gpt-2": Cut(),
    "smollm": Cut(digits=True),
    "llama-bpe": Cut(_LETTERS + r"\p{N}{1,3}" + _SIGNS, whole=True),
    "qwen2": Cut(_LETTERS + r"\p{N}" + _SIGNS, composed=True),
    "tekken": Cut(_CASES, whole=True),
}
_ALSO = {
    "phi-2": "gpt-2",
    "olmo": "gpt-2",
    "starcoder": "smollm",
    "refact": "smollm",
    "command-r": "smollm",
    "llama3": "llama-bpe",
    "llama-v3": "llama-bpe",
    "falcon3": "llama-bpe",
    "stablelm2": "qwen2",
    "deepseek-r1-qwen": "qwen2",
}


def tokenizer(said: Mapping[str, Any], length: int) -> Any:
    """Return the tokenizer of transformers that a file's metadata describes.

    Args:
        said: the file's metadata by key.
        length: how many tokens the model reads.

    Raises:
        ValueError: a kind of tokenizer, or a way to cut texts, that is not known.
    """
    import transformers
    from tokenizers import AddedToken

    pieces, kinds = list(said["tokenizer.ggml.tokens"]), list(said.get("tokenizer.ggml.token_type", ()))
    kinds = kinds or [NORMAL] * len(pieces)
    maker = {"gpt2": _of_bytes, "llama": _of_sentences}.get(said.get("tokenizer.ggml.model", ""))
    if maker is None:
        raise ValueError(f"unknown tokenizer: {said.get('tokenizer.ggml.model')}")
    inner = maker(said, pieces, kinds)
    added = [(piece, kind == CONTROL) for piece, kind in zip(pieces, kinds, strict=True) if kind in (CONTROL, OWN)]
    inner.add_tokens([AddedToken(piece, special=special, normalized=False) for piece, special in added])
    special = {role: pieces[at] for role, at in _special(said).items() if at < len(pieces)}
    _begin_and_end(inner, said, special)
    fast: Any = transformers.PreTrainedTokenizerFast
    made = fast(tokenizer_object=inner, model_max_length=length, **special)
    if template := said.get("tokenizer.chat_template"):
        made.chat_template = template
    return made


def _special(said: Mapping[str, Any]) -> dict[str, int]:
    names = {"bos": "bos", "eos": "eos", "unknown": "unk", "padding": "pad"}
    found = {f"{ours}_token": said.get(f"tokenizer.ggml.{name}_token_id") for name, ours in names.items()}
    return {role: int(at) for role, at in found.items() if at is not None}


def cut_of(name: str) -> Cut:
    """Return how texts are cut by the way of this name; raises `ValueError` for one that is not known."""
    if (known := _ALSO.get(name, name)) not in CUTS:
        raise ValueError(f"unknown way to cut texts: {name or 'none is named'}")
    return CUTS[known]


def _numbered(pieces: Sequence[str], kinds: Sequence[int], left_out: tuple[int, ...] = (UNUSED,)) -> dict[str, int]:
    return {piece: at for at, (piece, kind) in enumerate(zip(pieces, kinds, strict=True)) if kind not in left_out}


def _of_bytes(said: Mapping[str, Any], pieces: Sequence[str], kinds: Sequence[int]) -> Any:
    """Return a tokenizer that merges bytes, as GPT-2's did."""
    from tokenizers import Tokenizer, decoders, normalizers
    from tokenizers.models import BPE

    cut = cut_of(str(said.get("tokenizer.ggml.pre", "")))
    merges = [(left, right) for left, _, right in (one.partition(" ") for one in said["tokenizer.ggml.merges"])]
    inner = Tokenizer(BPE(vocab=_numbered(pieces, kinds), merges=merges, ignore_merges=cut.whole))
    if cut.composed:
        inner.normalizer = normalizers.NFC()
    inner.pre_tokenizer = _pre_tokenizer(cut)
    inner.decoder = decoders.ByteLevel()
    return inner


def _pre_tokenizer(cut: Cut) -> Any:
    from tokenizers import Regex, pre_tokenizers

    steps: list[Any] = [pre_tokenizers.Digits(individual_digits=True)] if cut.digits else []
    if cut.pattern:
        steps.append(pre_tokenizers.Split(Regex(cut.pattern), "isolated"))
    steps.append(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not cut.pattern))
    return pre_tokenizers.Sequence(steps) if len(steps) > 1 else steps[0]


def _of_sentences(said: Mapping[str, Any], pieces: Sequence[str], kinds: Sequence[int]) -> Any:
    """Return a tokenizer that merges letters with the best score first, as SentencePiece does."""
    from tokenizers import Tokenizer, decoders, normalizers
    from tokenizers.models import BPE

    scores = said["tokenizer.ggml.scores"]
    unknown = _special(said).get("unk_token")
    merged = _numbered(pieces, kinds, (UNUSED, UNKNOWN, CONTROL, OWN, BYTE))
    merges = merges_by_score({piece: scores[at] for piece, at in merged.items()})
    inner = Tokenizer(
        BPE(
            vocab=_numbered(pieces, kinds),
            merges=merges,
            unk_token=pieces[unknown] if unknown is not None else None,
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    steps: list[Any] = [normalizers.Replace(" ", SPACE)]
    undone: list[Any] = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    if said.get("tokenizer.ggml.add_space_prefix", True):
        steps.insert(0, normalizers.Prepend(SPACE))
        undone.append(decoders.Strip(" ", 1, 0))
    inner.normalizer, inner.decoder = normalizers.Sequence(steps), decoders.Sequence(undone)
    return inner


def merges_by_score(scores: Mapping[str, float]) -> list[tuple[str, str]]:
    """Return all pairs of pieces that make another, those with the best score first."""
    found = []
    for piece, score in scores.items():
        pairs = [(piece[:at], piece[at:]) for at in range(1, len(piece))]
        found += [(score, pair) for pair in pairs if pair[0] in scores and pair[1] in scores]
    return [pair for _, pair in sorted(found, key=lambda one: -one[0])]


def _begin_and_end(inner: Any, said: Mapping[str, Any], special: Mapping[str, str]) -> None:
    """Put before and after each text what the file says."""
    from tokenizers import processors

    of_sentences = said.get("tokenizer.ggml.model") == "llama"
    begins = special.get("bos_token") if said.get("tokenizer.ggml.add_bos_token", of_sentences) else None
    ends = special.get("eos_token") if said.get("tokenizer.ggml.add_eos_token", False) else None
    steps: list[Any] = [] if of_sentences else [processors.ByteLevel(trim_offsets=False)]
    if around := {one: inner.token_to_id(one) for one in (begins, ends) if one}:
        single = [one for one in (begins, "$A", ends) if one]
        second = [f"{one}:1" for one in (begins, "$B", ends) if one]
        steps.append(
            processors.TemplateProcessing(single=single, pair=single + second, special_tokens=list(around.items()))
        )
    if steps:
        inner.post_processor = processors.Sequence(steps)


def name_of_cut(described: Mapping[str, Any]) -> str:
    """Return what files call the way to cut texts of a tokenizer.json; raises `ValueError` if it has no name."""
    steps = described.get("pretokenizers", [described])
    kinds = {step["type"]: step for step in steps}
    bytes_, split = kinds.get("ByteLevel", {}), kinds.get("Split", {})
    if not bytes_ or bytes_.get("add_prefix_space") or set(kinds) - {"ByteLevel", "Split", "Digits"}:
        raise ValueError(json.dumps(described)[:80])
    pattern = split.get("pattern", {}).get("Regex", "")
    digits = bool(kinds.get("Digits", {}).get("individual_digits"))
    for name, cut in CUTS.items():
        if (cut.pattern, cut.digits) == (pattern, digits) and bytes_.get("use_regex", True) == (not pattern):
            return name
    raise ValueError(json.dumps(described)[:80])

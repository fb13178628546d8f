"""Tiny random models that write, of the families that GGUF knows, with tokenizers of every kind they come with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIZES: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 128,
    "rms_norm_eps": 1e-5,
}
LLAMA_3 = {"rope_type": "llama3", "rope_theta": 500_000.0, "factor": 8.0, "low_freq_factor": 1.0,
           "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}  # fmt: skip
LINEAR = {"rope_type": "linear", "rope_theta": 10_000.0, "factor": 4.0}
FAMILIES: dict[str, tuple[str, dict[str, Any], str]] = {
    "llama": ("llama", {"tie_word_embeddings": False}, "gpt-2"),
    "smollm": ("llama", {"tie_word_embeddings": True}, "smollm"),
    "llama-3": ("llama", {"rope_parameters": LLAMA_3}, "llama-bpe"),
    "llama-2": ("llama", {"attention_bias": True, "mlp_bias": True}, "sentences"),
    "llama-linear": ("llama", {"rope_parameters": LINEAR}, "gpt-2"),
    "mistral": ("mistral", {"sliding_window": 32}, "sentences"),
    "mistral-nemo": ("mistral", {"sliding_window": None}, "tekken"),
    "qwen2": ("qwen2", {"tie_word_embeddings": True}, "qwen2"),
    "qwen3": ("qwen3", {"tie_word_embeddings": False}, "qwen2"),
    "gemma": ("gemma", {}, "letters"),
    "gemma2": ("gemma2", {"query_pre_attn_scalar": 16, "sliding_window": 32}, "letters"),
    "gemma3": ("gemma3_text", {"query_pre_attn_scalar": 16, "sliding_window": 32, "num_hidden_layers": 7}, "letters"),
}
TEXTS = (
    "The pain began 12345 days ago, didn't it? It's worse at night.",
    "Café naïve — 数字 123, ещё 45!\n\n  two  spaces\tand a tab.",
    "  begins with blanks, ends with one ",
)
_TRAINED_ON = ("the pain began days ago and it is worse at night", "an old man takes his pills", "two spaces and a tab")


def writer(folder: Path, family: str, **changes: Any) -> Path:
    """Write a random model of a family of `FAMILIES` into `folder`, which it returns."""
    from ftstudio.engine import backend

    backend.prepare()
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    kind, special, cut = FAMILIES[family]
    tokenizer = _tokenizer(cut)
    tokenizer.save_pretrained(folder)
    values = {**SIZES, "vocab_size": len(tokenizer) + 3, **special, **changes}
    config = AutoConfig.for_model(kind, bos_token_id=0, eos_token_id=1, pad_token_id=1, **values)
    with torch.random.fork_rng():
        torch.manual_seed(7)
        model = AutoModelForCausalLM.from_config(config)
        for weight in model.parameters():  # norms of 1 and biases of 0 would hide what is done to them
            weight.data.add_(0.1 * torch.randn_like(weight))
    model.save_pretrained(folder)
    return folder


def _tokenizer(cut: str) -> Any:
    from transformers import PreTrainedTokenizerFast

    inner = _of_sentences(prefixed=cut == "sentences") if cut in ("sentences", "letters") else _of_bytes(cut)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, bos_token="<s>", eos_token="</s>", unk_token="<unk>", model_max_length=128
    )
    tokenizer.chat_template = "{% for one in messages %}{{ '<turn>' + one['role'] + ':' + one['content'] }}{% endfor %}"
    return tokenizer


def _of_bytes(cut: str) -> Any:
    """Train a tokenizer of bytes that cuts texts as the way of this name does, written as models write it."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
    from tokenizers.models import BPE

    letters, signs = r"[^\r\n\p{L}\p{N}]?\p{L}+|", r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ends = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|"
    capital = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|"
    capitals = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|"
    patterns = {
        "llama-bpe": ends + letters + r"\p{N}{1,3}" + signs,
        "qwen2": ends + letters + r"\p{N}" + signs,
        "tekken": capital + capitals + r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    }
    inner = Tokenizer(BPE(ignore_merges=cut in ("llama-bpe", "tekken")))
    whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=cut not in patterns)
    first = {"smollm": pre_tokenizers.Digits(individual_digits=True)}.get(cut)
    if cut in patterns:
        first = pre_tokenizers.Split(Regex(patterns[cut]), "isolated")
    inner.pre_tokenizer = pre_tokenizers.Sequence([first, whole]) if first else whole
    if cut == "qwen2":
        inner.normalizer = normalizers.NFC()
    inner.decoder = decoders.ByteLevel()
    special = ["<s>", "</s>", "<unk>", "<turn>"]
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator([*_TRAINED_ON * 20, "12 345 678 90"], trainer)
    inner.add_tokens([AddedToken("<own>", normalized=False)])
    if cut == "llama-bpe":
        begins = processors.TemplateProcessing(single=["<s>", "$A"], pair=["<s>", "$A", "<s>:1", "$B:1"],
                                               special_tokens=[("<s>", 0)])  # fmt: skip
        inner.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=True), begins])
    return inner


def _of_sentences(*, prefixed: bool) -> Any:
    """Make a tokenizer as those that came from SentencePiece: every pair of pieces that makes a piece is a merge."""
    from tokenizers import AddedToken, Tokenizer, decoders, normalizers, processors
    from tokenizers.models import BPE

    words = ["▁t", "he", "▁the", "in", "ai", "▁p", "ain", "▁pain", "▁a", "an", "▁an", "it", "ght", "gh", "▁worse", "se",
             "▁w", "or", "▁wor", "▁▁", "▁▁▁", "ay", "ays", "da", "days"]  # fmt: skip
    special = ["<s>", "</s>", "<unk>", "<turn>"]
    letters = [chr(one) for one in range(33, 127)] + ["▁"]
    pieces = [*special, *(f"<0x{one:02X}>" for one in range(256)), *letters, *(one for one in words if len(one) > 1)]
    numbers = {piece: at for at, piece in enumerate(pieces)}
    order = [one for one in words if len(one) > 1]
    merges = [(one[:at], one[at:]) for one in order for at in range(1, len(one))
              if one[:at] in numbers and one[at:] in numbers]  # fmt: skip
    inner = Tokenizer(BPE(vocab=numbers, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    spaces, undone = (
        normalizers.Replace(" ", "▁"),
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()],
    )
    inner.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), spaces]) if prefixed else spaces
    inner.decoder = decoders.Sequence([*undone, decoders.Strip(" ", 1, 0)] if prefixed else undone)
    inner.add_tokens([AddedToken(one, special=True, normalized=False) for one in special])
    inner.add_tokens([AddedToken("<own>", normalized=False)])
    inner.post_processor = processors.TemplateProcessing(
        single=["<s>", "$A"], pair=["<s>", "$A", "<s>:1", "$B:1"], special_tokens=[("<s>", 0)]
    )
    return inner

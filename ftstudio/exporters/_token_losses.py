"""What a stranger computes of a model that writes: how surprised it is by each token of a text that it learned from.

Run by path from the loaders beside it, so it imports nothing of this program.
"""

from __future__ import annotations

import json
from typing import Any


def losses(model: Any, tokenizer: Any, row: dict[str, str]) -> list[list[float]]:
    """Return for each learned token its negative log-likelihood and whether it was foreseen.

    `row` has a whole `text`, or the `messages` of a conversation as JSON with the letters that are `answers` in what
    the tokenizer's chat template makes of them; or a `text` with the `target` to be written in its place, of which
    `target_length` tokens are learned. What is `longer` than what is read at once may be read on in blocks.
    """
    if "target" in row:
        return _rewritten(model, tokenizer, row)
    ids, learned = _whole(tokenizer, row["text"]) if "text" in row else _conversation(tokenizer, row)
    most = tokenizer.model_max_length
    part = slice(-most, None) if tokenizer.truncation_side == "left" else slice(0, most)
    if row.get("longer") == "in blocks":
        parts = [slice(at, at + most) for at in range(0, len(ids), most)]
        return [pair for some in parts for pair in _of_block(model, ids[some], learned[some])]
    return _of_block(model, ids[part], learned[part])


def _of_block(model: Any, ids: list[int], learned: list[bool]) -> list[list[float]]:
    import torch

    tokens = torch.tensor([ids])
    with torch.no_grad():
        logits = model(input_ids=tokens, attention_mask=torch.ones_like(tokens)).logits[0, :-1].float()
    kept = torch.tensor(learned[1:], dtype=torch.bool)
    return _judged(logits[kept], tokens[0, 1:][kept])


def _judged(logits: Any, right: Any) -> list[list[float]]:
    import torch

    surprise = torch.nn.functional.cross_entropy(logits, right, reduction="none")
    foreseen = (logits.argmax(dim=1) == right).float()
    values: list[list[float]] = torch.stack((surprise, foreseen), dim=1).tolist()
    return values


def _rewritten(model: Any, tokenizer: Any, row: dict[str, str]) -> list[list[float]]:
    import torch

    inputs = tokenizer(row["text"], truncation=True, return_tensors="pt")
    wanted = list(tokenizer(text_target=row["target"])["input_ids"])
    if tokenizer.eos_token_id is not None and tokenizer.eos_token_id not in wanted:
        wanted.append(tokenizer.eos_token_id)
    most = int(row["target_length"])
    wanted = wanted if len(wanted) <= most else [*wanted[: most - 1], wanted[-1]]
    targets = torch.tensor([wanted])
    with torch.no_grad():
        output = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], labels=targets)
    return _judged(output.logits[0].float(), targets[0])


def _whole(tokenizer: Any, words: str) -> tuple[list[int], list[bool]]:
    ids = list(tokenizer(words)["input_ids"])
    if tokenizer.eos_token_id is not None and ids[-1:] != [tokenizer.eos_token_id]:
        ids.append(tokenizer.eos_token_id)
    return ids, [True] * len(ids)


def _conversation(tokenizer: Any, row: dict[str, str]) -> tuple[list[int], list[bool]]:
    words = tokenizer.apply_chat_template(json.loads(row["messages"]), tokenize=False)
    answers = json.loads(row["answers"])
    encoded = tokenizer(words, add_special_tokens=False, return_offsets_mapping=True)
    learned = [
        any(end > first and start < last and end > start for first, last in answers)
        for start, end in encoded["offset_mapping"]
    ]
    return list(encoded["input_ids"]), learned

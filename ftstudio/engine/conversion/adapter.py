"""Joins an adapter with its base model, once, into a normal Hugging Face folder that can be trained further."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import torch

from ftstudio.core.errors import InputError
from ftstudio.core.text import text
from ftstudio.engine import backend
from ftstudio.models import details, library
from ftstudio.models.adapters import Adapter, read_adapter, without_base
from ftstudio.models.json_files import read_optional
from ftstudio.models.model_config import CONFIG
from ftstudio.models.records import ModelKind, ModelRecord
from ftstudio.project import atomic, modelbook

_OF_TASK = {
    "CAUSAL_LM": "AutoModelForCausalLM",
    "SEQ_CLS": "AutoModelForSequenceClassification",
    "TOKEN_CLS": "AutoModelForTokenClassification",
    "QUESTION_ANS": "AutoModelForQuestionAnswering",
    "SEQ_2_SEQ_LM": "AutoModelForSeq2SeqLM",
}
_TOKENIZER = ("*token*", "*.jinja", "vocab.*", "merges.txt", "*.model")


def join(source: Path, folder: Path) -> None:
    """Write the base model with the adapter in `source` worked into its weights, in float32, into the empty `folder`.

    Raises `InputError` if the base is not on this computer, is another one, or the two cannot be joined.
    """
    backend.prepare()
    adapter = read_adapter(source)
    base = library.base_of(adapter, [*modelbook.model_folders(), *modelbook.known_folders()])
    if base is None:
        raise without_base(adapter)
    try:
        _joined(adapter, base).save_pretrained(folder)
    except (OSError, ValueError, RuntimeError, KeyError, AttributeError, TypeError) as error:
        raise InputError(
            text(
                "The adapter {name} could not be joined with {base}: {reason}",
                name=source.name,
                base=base.name,
                reason=str(error).partition("\n")[0],
            ),
            text("Copy or download the adapter again, or choose another one."),
            file=str(source),
        ) from error
    _copy_tokenizer(source if details.has_tokenizer(source) else base.path, folder)
    front = f"---\nlicense: {json.dumps(base.licence, ensure_ascii=False)}\n---\n" if base.licence else ""
    atomic.write_text(
        folder / "README.md", f"{front}# {source.name}\n\nThe adapter {source.name}, joined with {base.name}.\n"
    )


def _joined(adapter: Adapter, base: ModelRecord) -> Any:
    import transformers
    from peft import PeftModel

    own = read_optional(adapter.folder / CONFIG)
    config = transformers.AutoConfig.from_pretrained(adapter.folder if own else base.path)
    named = (own.get("architectures") or [_OF_TASK.get(adapter.task_type, "")])[0]
    writes = base.kind is ModelKind.TEXT_DECODER
    kind = getattr(transformers, named or ("AutoModelForCausalLM" if writes else "AutoModel"))
    model = kind.from_pretrained(
        base.path, config=config, dtype=torch.float32, use_safetensors=True, ignore_mismatched_sizes=True
    )
    return PeftModel.from_pretrained(model, str(adapter.folder)).merge_and_unload(safe_merge=True)


def _copy_tokenizer(source: Path, folder: Path) -> None:
    for pattern in _TOKENIZER:
        for file in source.glob(pattern):
            if file.is_file():
                shutil.copy2(file, folder / file.name)

"""Adapters are joined with the base they were made for, and with no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from ftstudio.core import catalog
from ftstudio.core.errors import InputError
from ftstudio.core.messages import Request
from ftstudio.core.translation import english
from ftstudio.engine.run import execute
from ftstudio.models import library
from ftstudio.models.compatibility import fits
from ftstudio.project import modelbook
from tests.support import tiny_writers


def _adapter(base: Path, folder: Path, named: str = "") -> Path:
    """Write a LoRA adapter that has learned something, as peft does."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    config = LoraConfig(r=4, target_modules=["q_proj", "up_proj"], task_type="CAUSAL_LM")
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), config)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        for name, weight in model.named_parameters():
            if ".lora_B." in name:
                weight.data.normal_(std=0.2)
    model.save_pretrained(folder)
    said = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    said["base_model_name_or_path"] = named or str(base)
    (folder / "adapter_config.json").write_text(json.dumps(said), encoding="utf-8")
    return folder


def _prepare(path: Path) -> Path:
    return Path(execute(Request(job="prepare_model", options={"path": str(path)}), lambda event: None)["path"])


def _logits(model: Any) -> Any:
    with torch.no_grad():
        return model.eval()(torch.arange(4, 30)[None]).logits


@pytest.mark.parametrize("named", ["", "maker/base"])
def test_an_adapter_is_joined_with_its_base(named: str, tmp_path: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    base = tiny_writers.writer(tmp_path / "base", "smollm")
    adapter = _adapter(base, tmp_path / "mine", named)

    record = library.read_model(adapter)
    assert (record.name, record.source, record.family, record.needs_preparing) == ("mine", "adapter", "llama", True)
    assert fits(record, catalog.tasks().spec("text-generation")) is None
    joined = _prepare(adapter)

    assert library.read_model(joined).source == "huggingface"
    wanted = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter)
    found = AutoModelForCausalLM.from_pretrained(joined)
    assert torch.allclose(_logits(found), _logits(wanted), atol=1e-5)
    assert not torch.allclose(_logits(found), _logits(AutoModelForCausalLM.from_pretrained(base)), atol=1e-2)
    assert AutoTokenizer.from_pretrained(joined)("a man")["input_ids"]
    assert _prepare(adapter) == joined


def test_it_is_found_by_its_name_where_models_were_used(tmp_path: Path) -> None:
    base = tiny_writers.writer(tmp_path / "far" / "away" / "base", "smollm")
    adapter = _adapter(base, tmp_path / "near" / "mine", "maker/Base")
    with english():
        assert any("not found yet" in str(note) for note in library.read_model(adapter).notes)
    with pytest.raises(InputError, match=r"maker/Base.*was not found"):
        _prepare(adapter)

    modelbook.add_folder(tmp_path / "far")

    assert library.read_model(_prepare(adapter)).family == "llama"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden_size": 32}, "96 × 32, and the adapter was made for 96 × 64"),
        ({"num_hidden_layers": 2}, "no layer “model.layers.2"),
    ],
)
def test_another_base_is_refused(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    adapter = _adapter(tiny_writers.writer(tmp_path / "right", "smollm"), tmp_path / "mine", str(tmp_path / "wrong"))
    tiny_writers.writer(tmp_path / "wrong", "smollm", **changes)

    with pytest.raises(InputError, match=words) as refused:
        library.read_model(adapter)

    assert "was not made for" in str(refused.value)
    assert [item.path.name for item in library.find_models([tmp_path]).broken] == ["mine"]


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("adapter_config.json", '{"peft_type": "PROMPT_TUNING", "base_model_name_or_path": "x"}', "PROMPT_TUNING"),
        ("adapter_config.json", '{"peft_type": "LORA"}', "does not say"),
        ("adapter_model.safetensors", "no weights", "broken"),
        ("adapter_model.safetensors", None, "missing"),
    ],
)
def test_damaged_adapters_are_refused(file: str, content: str | None, words: str, tmp_path: Path) -> None:
    adapter = _adapter(tiny_writers.writer(tmp_path / "base", "smollm"), tmp_path / "mine")
    (adapter / file).unlink()
    if content is not None:
        (adapter / file).write_text(content, encoding="utf-8")

    with pytest.raises(InputError, match=words):
        library.read_model(adapter)

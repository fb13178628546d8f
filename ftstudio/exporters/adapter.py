"""Only what LoRA learned: a small folder that peft puts on top of the base model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ftstudio.core.errors import InputError
from ftstudio.core.specs import Answer, ExporterSpec
from ftstudio.core.text import text
from ftstudio.core.translation import N_

if TYPE_CHECKING:
    from ftstudio.engine.runs.trained import TrainedModel

SPEC = ExporterSpec(
    key="adapter",
    title=N_("Adapter only"),
    summary=N_("Only what LoRA learned, a small part of the size: for those who have the base model."),
    runs_with=N_("Python with transformers and peft, and the base model"),
    suits=frozenset({"huggingface"}),  # peft finds the layers of others only inside this program's wrapper
    answers=frozenset(Answer) - {Answer.BOXES},
    methods=frozenset({"lora"}),
    order=30,
)

LOADER = Path(__file__).with_name("_load_adapter.py")
_KINDS = {Answer.SPANS: "ForTokenClassification", Answer.EXTRACT: "ForQuestionAnswering"}


def export(source: TrainedModel, target: Path) -> list[Path]:
    """Write adapter, configuration and card into the empty folder `target`; returns the files.

    Raises `InputError` if the run did not keep its adapter, or the base model is not on this computer.
    """
    from ftstudio.engine.export.adapter_export import write_adapter
    from ftstudio.engine.export.model_card import write_card
    from ftstudio.engine.export.model_folder import copy_model

    base = _base(source)
    write_adapter(source, base, target)
    copy_model(source, target, keep=lambda name: not name.endswith(".safetensors"))
    write_card(source, target, "peft", _TORCHVISION if source.source == "torchvision" else _usage(source))
    return sorted(path for path in target.rglob("*") if path.is_file())


def extra(source: TrainedModel) -> list[str]:
    """Return what the loader needs beside the export: where the base model lies."""
    return [str(_base(source))]


def _base(source: TrainedModel) -> Path:
    if not source.layout.adapter.is_dir():
        raise InputError(
            text("The run “{run}” did not keep its adapter by itself.", run=source.name),
            text("Export it merged, or train it again."),
            field="format",
        )
    if source.base_folder is None:
        raise InputError(
            text("The base model “{name}” is not on this computer, so the adapter cannot be tried.", name=source.base),
            text("Put it back on the Model page, or export the merged model."),
            field="format",
        )
    return source.base_folder


def _usage(source: TrainedModel) -> str:
    if source.answer.writes:
        written_by = "Seq2SeqLM" if source.answer is Answer.REWRITE else "CausalLM"
        return _WRITER.format(base=source.base, kind=f"AutoModelFor{written_by}")
    kind = _KINDS.get(source.answer, "ForSequenceClassification")
    if source.task.startswith("image"):
        kind = "ForImageClassification"
    return f"""
# needs: pip install peft transformers torch
from peft import PeftModel
from transformers import AutoConfig, AutoModel{kind}

here, base = "path/to/this/folder", "path/to/the/base/model"  # {source.base}
config = AutoConfig.from_pretrained(here)
model = AutoModel{kind}.from_pretrained(base, config=config, ignore_mismatched_sizes=True)
model = PeftModel.from_pretrained(model, here).eval()
"""


_WRITER = """
# needs: pip install peft transformers torch
from peft import PeftModel
from transformers import {kind}, AutoTokenizer

here, base = "path/to/this/folder", "path/to/the/base/model"  # {base}
tokenizer = AutoTokenizer.from_pretrained(here)
model = PeftModel.from_pretrained({kind}.from_pretrained(base), here).eval()
"""


_TORCHVISION = """
# needs: pip install peft torch torchvision
import json, torch
from peft import PeftModel
from torchvision import models

config = json.load(open("config.json"))
model = models.get_model(config["architecture"], num_classes=config["num_labels"])
base = torch.load("path/to/the/base/checkpoint.pth", weights_only=True)
own = model.state_dict()
model.load_state_dict({name: w for name, w in base.items() if w.shape == own[name].shape}, strict=False)
model = PeftModel.from_pretrained(model, ".").eval()
"""

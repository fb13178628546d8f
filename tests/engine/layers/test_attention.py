"""Short texts are learned from with the written-out attention; the answers are the same, and exports do not show it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from ftstudio.core.settings import TrainingSettings
from ftstudio.engine.layers import attention
from ftstudio.tasks import text_classification as task


@pytest.fixture
def bundle(tiny_text_model: Path) -> Any:
    return task.load(tiny_text_model, ["a", "b"], TrainingSettings(dropout=0.0), trained=False)


def inputs(length: int) -> dict[str, torch.Tensor]:
    ids = torch.randint(5, 20, (3, length), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(ids)
    mask[1, length // 2 :] = 0
    return {"input_ids": ids, "attention_mask": mask}


def test_the_form_follows_length_and_learning(bundle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "LONGEST_WRITTEN_OUT", 8)
    form = lambda: bundle.model.config._attn_implementation  # noqa: E731

    task.logits(bundle.model, inputs(8))
    assert form() == attention.WRITTEN_OUT
    task.logits(bundle.model, inputs(16))
    assert form() == attention.FUSED
    with torch.inference_mode():
        task.logits(bundle.model, inputs(8))
    assert form() == attention.FUSED


def test_both_forms_answer_and_learn_alike(bundle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    bundle.model.eval()
    for longest in (0, 1000):
        monkeypatch.setattr(attention, "LONGEST_WRITTEN_OUT", longest)
        bundle.model.zero_grad()
        logits = task.logits(bundle.model, inputs(16))
        logits.square().sum().backward()
        gradients = [p.grad.clone() for p in bundle.model.parameters() if p.grad is not None]
        found.append((logits.detach(), gradients))

    torch.testing.assert_close(found[0][0], found[1][0], rtol=1e-4, atol=1e-5)
    for one, other in zip(found[0][1], found[1][1], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def test_what_is_saved_does_not_tell(bundle: Any, tmp_path: Path) -> None:
    task.logits(bundle.model, inputs(8))
    task.save(bundle, tmp_path)

    assert "eager" not in json.dumps(json.loads((tmp_path / "config.json").read_text()))

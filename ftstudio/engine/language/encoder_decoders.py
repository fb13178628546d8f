"""Models that read one text and write another (T5, BART and their kind), as transformers loads them.

They learn by being given the right text up to each token (teacher forcing); what begins it is their own affair.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ftstudio.core.errors import InputError, StudioError
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.text import text
from ftstudio.engine import backend
from ftstudio.engine.language.language_models import judge, load_from
from ftstudio.engine.layers import attention

_KEPT = ("decoder_start_token_id", "bos_token_id", "eos_token_id", "pad_token_id", "forced_bos_token_id",
         "forced_eos_token_id")  # fmt: skip


def load_rewriter(folder: Path, tokenizer: Any, settings: TrainingSettings) -> nn.Module:
    """Load an encoder-decoder in float32 from safetensors, never running code of the folder.

    How it writes when nobody says how is made plain: the likeliest token each time, up to the length it learns. With
    LoRA its last layer, which here is no new one, does not learn by itself. Raises `StudioError` as
    `language_models.load_from`, and `InputError` for a length that the model has no places for.
    """
    backend.prepare()
    from transformers import AutoModelForSeq2SeqLM, GenerationConfig

    model = load_from(AutoModelForSeq2SeqLM, folder, tokenizer)
    _refuse_too_long(model.config, settings)
    kept = {key: _stated(model, key) for key in _KEPT}
    if kept["decoder_start_token_id"] is None:
        raise StudioError(
            text("The model in “{folder}” does not say with which token a text begins.", folder=folder.name),
            text("Its “config.json” must have a “decoder_start_token_id”. Get the folder again."),
            file=str(folder),
        )
    model.config.decoder_start_token_id = kept["decoder_start_token_id"]
    making: Any = GenerationConfig
    model.generation_config = making(**kept, max_new_tokens=settings.target_length)
    if settings.tuning_method == "lora":
        model.get_output_embeddings().weight.fixed = True
    model.tells_all = settings.label_smoothing > 0
    network: nn.Module = model
    return network


def _stated(model: Any, key: str) -> Any:
    stated = (getattr(one, key, None) for one in (model.generation_config, model.config))
    return next((one for one in stated if one is not None), None)


def _refuse_too_long(config: Any, settings: TrainingSettings) -> None:
    able = getattr(config, "max_position_embeddings", None)
    for key in ("max_length", "target_length"):
        if able and getattr(settings, key) > able:
            raise InputError(
                text("This model has places for {able} tokens, not for {asked}.", able=able,
                     asked=getattr(settings, key)),
                text("Set “{key}” to {able} or less.", key=key, able=able),
                field=key,
            )  # fmt: skip


def surprise(model: Any, inputs: dict[str, Tensor]) -> Tensor:
    """Run a model; return of each token to be written how surprised it was and whether it was foreseen.

    Args:
        model: as `load_rewriter` returns it.
        inputs: `input_ids` and `attention_mask`, shape [rows, tokens]; `targets`, shape [rows, items]: the tokens to be
            written, -100 where a row has no more.

    Returns:
        Shape [rows, items, 2]: the negative log-likelihood in nats, and 1 where it was the likeliest token; both 0
        where there is none. While a model that is smoothed learns, also the mean over all tokens of the vocabulary.
    """
    targets = inputs["targets"]
    attention.fit(model, inputs["input_ids"])
    given = model.prepare_decoder_input_ids_from_labels(labels=targets)
    output = model(
        input_ids=inputs["input_ids"],
        attention_mask=inputs["attention_mask"],
        decoder_input_ids=given,
        use_cache=False,
    )
    rows, items = torch.nonzero(targets >= 0, as_tuple=True)
    logits = output.logits[rows, items].float()
    found = judge(logits, targets[rows, items])
    if model.tells_all and torch.is_grad_enabled():
        everywhere = -functional.log_softmax(logits, dim=1).mean(dim=1, keepdim=True)
        found = torch.cat((found, everywhere), dim=1)
    return found.new_zeros((*targets.shape, found.shape[1])).index_put((rows, items), found)

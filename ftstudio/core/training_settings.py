"""What can be set for a run: one field each, with range, unit, help and group. Field order is the order of the form."""

from __future__ import annotations

from typing import Literal

from ftstudio.core.regularisation_settings import Regularisation
from ftstudio.core.setting import CHOOSING
from ftstudio.core.setting import setting as _setting
from ftstudio.core.stopping_settings import Stopping
from ftstudio.core.translation import N_
from ftstudio.core.tuning_settings import Tuning

GROUPS = {
    "tune": N_("What to tune"),
    "schedule": N_("Learning rate and length"),
    "regularise": N_("Against overfitting"),
    "data": N_("Data"),
    "stopping": N_("Checks and early stopping"),
    "hardware": N_("Hardware"),
}


class TrainingSettings(Tuning, Regularisation, Stopping):
    """Everything that decides how a run goes. Field order is the order of the form."""

    learning_rate: float = _setting(
        3e-5,
        "schedule",
        N_("Learning rate"),
        N_("How big each step is. Too high and the model forgets what it knew; too low and it learns nothing."),
        gt=0.0,
        le=1.0,
    )
    head_learning_rate: float | None = _setting(
        None,
        "schedule",
        N_("Learning rate of the head"),
        N_("A rate of its own for the new head. Empty: the same as the rest."),
        advanced=True,
        gt=0.0,
        le=1.0,
        answers=CHOOSING,
    )
    layer_decay: float = _setting(
        1.0,
        "schedule",
        N_("Layer-wise decay"),
        N_(
            "Each block below the head learns this much slower than the one above. 1 treats all alike; 0.8 to 0.95 "
            "protects the lower layers (Howard and Ruder 2018)."
        ),
        advanced=True,
        gt=0.0,
        le=1.0,
    )
    epochs: float = _setting(
        5.0, "schedule", N_("Epochs"), N_("How often the model sees every training row."), gt=0.0, le=1000.0
    )
    max_steps: int | None = _setting(
        None,
        "schedule",
        N_("Steps at most"),
        N_("Ends the run after so many optimiser steps, whatever the epochs say. Empty: no limit."),
        advanced=True,
        ge=1,
        le=10_000_000,
    )
    batch_size: int = _setting(
        16, "schedule", N_("Batch size"), N_("Rows that are averaged for one step."), unit=N_("rows"), ge=1, le=4096
    )
    micro_batch_size: int | None = _setting(
        None,
        "hardware",
        N_("Rows at once"),
        N_(
            "Rows computed at the same time; several such portions make up one batch. Smaller needs less memory and "
            "gives the same result. Empty: chosen for the memory there is."
        ),
        unit=N_("rows"),
        advanced=True,
        ge=1,
        le=4096,
    )
    schedule: Literal["linear", "cosine", "constant"] = _setting(
        "linear",
        "schedule",
        N_("Schedule"),
        N_("How the learning rate falls after the warm-up."),
        advanced=True,
        choices={"linear": N_("Linear to zero"), "cosine": N_("Cosine to zero"), "constant": N_("Constant")},
    )
    warmup: float = _setting(
        0.1,
        "schedule",
        N_("Warm-up"),
        N_("The share of the run in which the rate rises from zero; protects the pretrained layers at the start."),
        advanced=True,
        ge=0.0,
        le=0.9,
    )
    optimizer: Literal["adamw", "sgd"] = _setting(
        "adamw",
        "schedule",
        N_("Optimiser"),
        N_("AdamW suits nearly everything; SGD with momentum is there for CNN recipes that ask for it."),
        advanced=True,
        choices={"adamw": "AdamW", "sgd": "SGD"},
    )
    max_grad_norm: float = _setting(
        1.0,
        "schedule",
        N_("Gradient clipping"),
        N_("Cuts steps that would be too large. 0 switches it off."),
        advanced=True,
        ge=0.0,
        le=1000.0,
    )
    max_length: int = _setting(
        256,
        "data",
        N_("Text length"),
        N_("How many tokens of each text the model reads. Shorter is faster; what lies beyond is not seen."),
        unit=N_("tokens"),
        modality="text",
        ge=8,
        le=131_072,
    )
    target_length: int = _setting(
        128,
        "data",
        N_("Length of what is written"),
        N_("How many tokens of each text to be written are learned, and how many the model writes at most."),
        unit=N_("tokens"),
        modality="text",
        answers=("rewrite",),
        ge=4,
        le=131_072,
    )
    long_text: Literal["head", "tail", "both", "drop"] = _setting(
        "head",
        "data",
        N_("Longer texts"),
        N_(
            "What happens to texts that are longer than the text length. Whole texts that a model learns to write are "
            "read on in blocks of that length instead, unless they are left out."
        ),
        modality="text",
        answers=("label", "labels", "number", "spans", "text", "rewrite"),
        choices={
            "head": N_("Keep the beginning"),
            "tail": N_("Keep the end"),
            "both": N_("Keep beginning and end"),
            "drop": N_("Leave them out of training"),
        },
    )
    packing: bool = _setting(
        True,
        "data",
        N_("Packing"),
        N_(
            "Lays short texts behind one another instead of filling each up to the longest of its batch, which saves "
            "time. No text sees another, and what is learned is the same. Models that cannot keep texts apart fill up."
        ),
        modality="text",
        answers=("text",),
        advanced=True,
    )
    precision: Literal["auto", "fp32", "bf16", "fp16"] = _setting(
        "auto",
        "hardware",
        N_("Precision"),
        N_(
            "Half precision is faster where the processor has it. “Automatic” measures nothing and risks nothing: "
            "it takes bf16 only where the hardware really computes in it."
        ),
        advanced=True,
        choices={"auto": N_("Automatic"), "fp32": "float32", "bf16": "bfloat16", "fp16": "float16"},
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = _setting(
        "auto",
        "hardware",
        N_("Device"),
        N_("Where the model computes. “Automatic” takes the graphics card if there is one that works."),
        choices={
            "auto": N_("Automatic"),
            "cpu": N_("Processor"),
            "cuda": N_("NVIDIA or AMD card"),
            "mps": N_("Apple GPU"),
        },
    )
    cache_features: bool = _setting(
        True,
        "hardware",
        N_("Compute frozen layers once"),
        N_("Layers that do not learn give the same output in every epoch, so their outputs are stored."),
        advanced=True,
    )
    gradient_checkpointing: bool = _setting(
        False,
        "hardware",
        N_("Compute layers again"),
        N_(
            "What the layers work out is computed a second time instead of being kept (gradient checkpointing). Long "
            "texts and large models then fit into much less memory; a step takes about a third longer, and the result "
            "stays the same."
        ),
        modality="text",
        advanced=True,
    )
    seed: int = _setting(
        1,
        "hardware",
        N_("Seed"),
        N_("The start of all chance. The same seed on the same computer gives the same model."),
        advanced=True,
        ge=0,
        le=2**31 - 1,
    )

"""The settings of what learns: the tuning method, and what each method needs to know besides."""

from __future__ import annotations

from typing import Literal

from ftstudio.core.setting import CHOOSING, SettingsGroup, setting
from ftstudio.core.translation import N_
from ftstudio.core.tuning_methods import METHODS


class Tuning(SettingsGroup):
    """Which part of the model learns, and how it starts."""

    tuning_method: Literal["head", "top_layers", "gradual", "full", "lora", "custom"] = setting(
        "full",
        "tune",
        N_("Tuning method"),
        N_("Which part of the model learns. The fewer layers learn, the faster it goes and the less it can overfit."),
        choices={key: method.title for key, method in METHODS.items()},
    )
    top_layers: int = setting(
        2,
        "tune",
        N_("Top layers"),
        N_("How many blocks below the head learn with the method “top layers”."),
        ge=1,
        le=200,
    )
    gradual_epochs: float = setting(
        1.0,
        "tune",
        N_("One more block every"),
        N_("How long each group learns with the method “gradual” before the next block below joins."),
        unit=N_("epochs"),
        gt=0.0,
        le=1000.0,
    )
    custom_layers: str = setting(
        "",
        "tune",
        N_("Layers that learn"),
        N_(
            "The parts that learn with the method “custom”, separated by commas: head, top, embeddings, or names of "
            "blocks such as encoder.layer.5. Easier to choose in the layer map."
        ),
    )
    lora_rank: int = setting(
        16,
        "tune",
        N_("LoRA rank"),
        N_("How thin the added matrices are. 8 to 32 suits most data; more learns more and costs a little more."),
        ge=1,
        le=512,
    )
    lora_alpha: int | None = setting(
        None,
        "tune",
        N_("LoRA alpha"),
        N_("How much the adapters count: they are scaled by alpha ÷ rank. Empty: twice the rank."),
        advanced=True,
        ge=1,
        le=10_000,
    )
    lora_dropout: float = setting(
        0.0,
        "tune",
        N_("LoRA dropout"),
        N_("The share of what enters an adapter that is switched off at random; helps with long runs on little data."),
        advanced=True,
        ge=0.0,
        le=0.9,
    )
    lora_targets: str = setting(
        "all",
        "tune",
        N_("LoRA layers"),
        N_(
            "Which layers get an adapter: “all” (all linear layers and plain convolutions, the best choice as a rule), "
            "“attention”, or names of layers separated by commas, for example query, value."
        ),
        advanced=True,
    )
    lora_base: Literal["whole", "nf4"] = setting(
        "whole",
        "tune",
        N_("Resting weights"),
        N_(
            "With LoRA, the weights that rest can be held in 4 bits (QLoRA): an eighth of their memory, for models "
            "that would not fit otherwise. It is slower, and learns a little less exactly. As it is loaded and when it "
            "leaves, the model is in the computer's memory whole."
        ),
        choices={"whole": N_("As they are"), "nf4": N_("4 bits (QLoRA)")},
        modality="text",
        needs="bitsandbytes",
        advanced=True,
    )
    batch_norm: Literal["learn", "keep"] = setting(
        "learn",
        "tune",
        N_("Batch normalisation"),
        N_(
            "Networks for pictures scale their features by statistics of each batch. With few pictures these are poor "
            "and spoil what the model knows: keep those it was pretrained with. Learn them anew with many pictures "
            "that look very different."
        ),
        choices={"learn": N_("Learn the statistics of the new pictures"), "keep": N_("Keep the pretrained statistics")},
        modality="image",
        advanced=True,
    )
    detector: Literal["ssdlite", "faster_rcnn", "retinanet", "fcos"] = setting(
        "ssdlite",
        "tune",
        N_("Detector"),
        N_(
            "What is put on a classifier to find things. SSDLite looks once and is the quickest; the others join maps "
            "of several sizes, find small things better, and take three to four times as long. A model that is a "
            "detector already stays what it is."
        ),
        choices={
            "ssdlite": N_("Quick: SSDLite"),
            "faster_rcnn": N_("Thorough: Faster R-CNN, which looks twice"),
            "retinanet": N_("Dense: RetinaNet, for many things of many sizes"),
            "fcos": N_("Free of set sizes: FCOS, for things of odd shape"),
        },
        modality="image",
        answers=("boxes",),
    )
    probe_first: bool = setting(
        True,
        "tune",
        N_("Start from a linear probe"),
        N_(
            "Fits the new head on the unchanged model first, in seconds. Tuning then starts from a sensible head "
            "and disturbs the pretrained layers less (Kumar et al. 2022)."
        ),
        advanced=True,
        answers=CHOOSING,
    )

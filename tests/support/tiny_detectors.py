"""Folders of transformers' detectors with random weights, small enough to learn in seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

SIDE = 64
_SIZES = {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1], "embedding_size": 8, "layer_type": "basic"}
_LAYERS = {"encoder_layers": 1, "decoder_layers": 2, "encoder_attention_heads": 2, "decoder_attention_heads": 2}
_DETR = {"d_model": 32, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32, "num_queries": 12, **_LAYERS}
_RT = {
    "d_model": 32,
    "num_queries": 12,
    "encoder_hidden_dim": 32,
    "encoder_layers": 1,
    "encoder_ffn_dim": 32,
    "encoder_attention_heads": 2,
    "decoder_in_channels": [32, 32, 32],
    "decoder_ffn_dim": 32,
    "decoder_layers": 2,
    "decoder_attention_heads": 2,
    "num_denoising": 4,
}


def _resnet(*stages: str) -> Any:
    from transformers import ResNetConfig

    return ResNetConfig(**_SIZES, out_features=list(stages), out_indices=None)


def _detr(name: str, *stages: str, **more: Any) -> Any:
    import transformers

    made = getattr(transformers, f"{name}Config")
    own = {"use_timm_backbone": False, "use_pretrained_backbone": False, "backbone": None}
    return made(backbone_config=_resnet(*stages), **own, **_DETR, **more)


def _rt_detr(name: str) -> Any:
    import transformers

    backbone = transformers.RTDetrResNetConfig(**_SIZES, out_features=["stage2", "stage3", "stage4"])
    return getattr(transformers, f"{name}Config")(backbone_config=backbone, encoder_in_channels=[16, 24, 32], **_RT)


def _d_fine() -> Any:
    from transformers import DFineConfig, HGNetV2Config

    backbone = HGNetV2Config(
        stem_channels=[3, 8, 8],
        stage_in_channels=[8, 16, 24, 32],
        stage_mid_channels=[8, 8, 8, 8],
        stage_out_channels=[16, 24, 32, 48],
        stage_num_blocks=[1, 1, 1, 1],
        stage_numb_of_layers=[1, 1, 1, 1],
        embedding_size=8,
        hidden_sizes=[16, 24, 32, 48],
        depths=[1, 1, 1, 1],
        out_features=["stage2", "stage3", "stage4"],
    )
    return DFineConfig(backbone_config=backbone, encoder_in_channels=[24, 32, 48], **_RT)


def _yolos() -> Any:
    from transformers import YolosConfig

    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    return YolosConfig(**sizes, image_size=[SIDE, SIDE], patch_size=16, num_detection_tokens=12)


FAMILIES: dict[str, tuple[Callable[[], Any], str]] = {
    "detr": (lambda: _detr("Detr", "stage4"), "Detr"),
    "conditional_detr": (lambda: _detr("ConditionalDetr", "stage4"), "ConditionalDetr"),
    "deformable_detr": (
        lambda: _detr("DeformableDetr", "stage2", "stage3", "stage4", num_feature_levels=3),
        "DeformableDetr",
    ),
    "table-transformer": (lambda: _detr("TableTransformer", "stage4"), "Detr"),
    "yolos": (_yolos, "Yolos"),
    "rt_detr": (lambda: _rt_detr("RTDetr"), "RTDetr"),
    "rt_detr_v2": (lambda: _rt_detr("RTDetrV2"), "RTDetr"),
    "d_fine": (_d_fine, "RTDetr"),
}


def write_detector(family: str, folder: Path, labels: tuple[str, ...] = ("cat", "remote")) -> Path:
    """Write a detector of `family` that knows nothing into `folder`; returns it."""
    from ftstudio.engine import backend

    backend.prepare()
    import torch
    import transformers

    make, processor = FAMILIES[family]
    config = make()
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: at for at, label in enumerate(labels)}
    torch.manual_seed(0)
    auto: Any = transformers.AutoModelForObjectDetection
    auto.from_config(config).save_pretrained(folder)
    size = {"height": SIDE, "width": SIDE}
    getattr(transformers, f"{processor}ImageProcessor")(size=size).save_pretrained(folder)
    return folder

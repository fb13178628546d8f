"""The outline of every family that the program names, compared with what really runs when the model runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from ftstudio.core.module_tree import BLOCK, EMBEDDINGS, HEAD, TOP, Part, natural_order, outline
from ftstudio.engine import backend

TEXT = {
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": 11,
    "num_attention_heads": 2,
    "intermediate_size": 20,
    "max_position_embeddings": 40,
    "pad_token_id": 0,
}
IMAGE = {"hidden_size": 16, "num_hidden_layers": 11, "num_attention_heads": 2, "intermediate_size": 20}
IMAGE |= {"image_size": 32, "patch_size": 8}
SMALL_SWIN = {"image_size": 32, "patch_size": 2, "embed_dim": 8, "depths": [2, 1, 2], "num_heads": [1, 2, 2]}
STAGES = {"hidden_sizes": [8, 8, 16, 16], "depths": [1, 2, 3, 1]}

# family: head class, config, number of blocks
TRANSFORMERS: dict[str, tuple[str, dict[str, Any], int]] = {
    "bert": ("BertForSequenceClassification", TEXT, 11),
    "roberta": ("RobertaForSequenceClassification", TEXT, 11),
    "distilbert": (
        "DistilBertForSequenceClassification",
        {"vocab_size": 50, "dim": 16, "n_layers": 11, "n_heads": 2, "hidden_dim": 20},
        11,
    ),
    "mpnet": ("MPNetForSequenceClassification", TEXT, 11),
    "deberta": (
        "DebertaForSequenceClassification",
        {**TEXT, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]},
        11,
    ),
    "deberta-v2": ("DebertaV2ForSequenceClassification", {**TEXT, "relative_attention": True}, 11),
    "electra": ("ElectraForSequenceClassification", {**TEXT, "embedding_size": 8}, 11),
    "albert": ("AlbertForSequenceClassification", {**TEXT, "embedding_size": 8}, 1),
    "modernbert": (
        "ModernBertForSequenceClassification",
        {**TEXT, "cls_token_id": 1, "sep_token_id": 2, "bos_token_id": 1, "eos_token_id": 2},
        11,
    ),
    "gpt2": (
        "GPT2ForSequenceClassification",
        {"vocab_size": 50, "n_embd": 16, "n_layer": 11, "n_head": 2, "n_positions": 40, "pad_token_id": 0},
        11,
    ),
    "llama": ("LlamaForSequenceClassification", TEXT, 11),
    "t5": (
        "T5ForConditionalGeneration",
        {"vocab_size": 50, "d_model": 16, "d_kv": 8, "num_layers": 3, "num_heads": 2, "d_ff": 20},
        6,
    ),
    "vit": ("ViTForImageClassification", IMAGE, 11),
    "deit": ("DeiTForImageClassification", IMAGE, 11),
    "dinov2": ("Dinov2ForImageClassification", IMAGE, 11),
    "swin": ("SwinForImageClassification", {**SMALL_SWIN, "window_size": 4}, 5),
    "convnext": ("ConvNextForImageClassification", STAGES, 7),
    "resnet": ("ResNetForImageClassification", {**STAGES, "embedding_size": 8, "layer_type": "basic"}, 7),
    "mobilenet_v2": ("MobileNetV2ForImageClassification", {}, 16),
    "timm_wrapper": (
        "TimmWrapperForImageClassification",
        {"architecture": "tf_efficientnet_lite0", "num_classes": 1000},
        16,
    ),
}
TORCHVISION = {
    "resnet18": 8,
    "resnet101": 33,
    "wide_resnet50_2": 16,
    "mobilenet_v2": 17,
    "mobilenet_v3_small": 11,
    "mobilenet_v3_large": 15,
    "efficientnet_b0": 16,
    "efficientnet_v2_s": 40,
    "convnext_tiny": 18,
    "vit_b_16": 12,
    "swin_t": 12,
    "swin_v2_t": 12,
    "densenet121": 4,
    "shufflenet_v2_x1_0": 16,
    "regnet_x_400mf": 22,
    "regnet_y_400mf": 16,
    "vgg11": 7,
    "vgg16_bn": 12,
    "squeezenet1_0": 8,
    "squeezenet1_1": 8,
    "alexnet": 4,
}
TIMM = {
    "resnet18": 8,
    "vit_tiny_patch16_224": 12,
    "convnext_atto": 12,
    "swin_tiny_patch4_window7_224": 12,
    "regnety_002": 13,
    "densenet121": 4,
    "mobilenetv3_small_100": 12,
    "efficientnet_b0": 16,
    "deit_tiny_distilled_patch16_224": 12,
}
# What is computed from the input's side of the network, but late: the outline puts it where it is learned.
LATE = {"deberta-v2": ("encoder.conv",), "t5": ("embed_tokens",)}


@pytest.mark.parametrize("family", TRANSFORMERS)
def test_transformers(family: str) -> None:
    backend.prepare()
    import transformers

    name, config, blocks = TRANSFORMERS[family]
    head = getattr(transformers, name)
    with torch.random.fork_rng():
        model = head(head.config_class(**config)).eval()
    with torch.no_grad():
        _check(model, lambda: model(**_inputs(family, model)), blocks, LATE.get(family, ()))


def _inputs(family: str, model: nn.Module) -> dict[str, torch.Tensor]:
    if getattr(model, "main_input_name", "") == "pixel_values":
        return {"pixel_values": torch.zeros(1, 3, 32, 32)}
    ids = torch.tensor([[3, 4, 5, 6]])
    return {"input_ids": ids} | ({"decoder_input_ids": ids} if family == "t5" else {})


@pytest.mark.parametrize("architecture", TORCHVISION)
def test_torchvision(architecture: str) -> None:
    backend.prepare()
    from torchvision import models

    with torch.device("cpu" if architecture.startswith("regnet") else "meta"):
        model = models.get_model(architecture).eval().to("meta")
        picture = torch.zeros(1, 3, 224, 224, device="meta")
        _check(model, lambda: model(picture), TORCHVISION[architecture])


@pytest.mark.parametrize("architecture", TIMM)
def test_timm(architecture: str) -> None:
    backend.prepare()
    import timm

    with torch.device("meta"):
        model = timm.create_model(architecture).eval()
        _check(model, lambda: model(torch.zeros(1, 3, 224, 224)), TIMM[architecture])


def _check(model: nn.Module, run: Callable[[], object], blocks: int, late: tuple[str, ...] = ()) -> None:
    parts = outline({name: tuple(value.shape) for name, value in model.state_dict().items()})
    _check_complete(model, parts)
    assert sum(part.kind == BLOCK for part in parts) == blocks
    assert [kind for kind in (EMBEDDINGS, BLOCK, TOP, HEAD) if any(part.kind == kind for part in parts)] == list(
        dict.fromkeys(part.kind for part in parts)
    )
    order = _order_of_running(model, run, parts, late)
    assert order == sorted(order), [parts[index].name for index in order]
    assert {index for index, part in enumerate(parts) if part.kind == BLOCK} <= set(order)


def _check_complete(model: nn.Module, parts: list[Part]) -> None:
    weights = [name for part in parts for name in part.weights]
    trainable = {name for name, _ in model.named_parameters(remove_duplicate=False)}
    assert len(weights) == len(set(weights))
    assert set(weights) == trainable
    assert all(part.parameters > 0 for part in parts)


def _order_of_running(
    model: nn.Module, run: Callable[[], object], parts: list[Part], late: tuple[str, ...]
) -> list[int]:
    """Return the part of each module that holds weights, in the order in which they first run."""
    owner = {name.rpartition(".")[0]: index for index, part in enumerate(parts) for name in part.weights}
    order: list[int] = []
    seen: set[str] = set()

    def note(name: str) -> None:
        if name not in seen and not any(word in name for word in late):
            seen.add(name)
            order.append(owner[name])

    for name, module in model.named_modules():
        if name in owner and not list(module.children()):
            module.register_forward_pre_hook(lambda *_, name=name: note(name))
    run()
    return order


def test_the_names_in_a_file_need_no_order() -> None:
    names = [f"bert.encoder.layer.{number}.output.dense.weight" for number in (10, 2, 0, 1)]
    parts = outline(dict.fromkeys(["classifier.weight", *names, "bert.embeddings.word_embeddings.weight"], (2, 2)))

    assert [part.name.rpartition(".")[2] for part in parts] == ["embeddings", "0", "1", "2", "10", "head"]


def test_buffers_belong_to_no_part() -> None:
    buffers = {"bn1.running_mean": (4,), "bn1.num_batches_tracked": (), "embeddings.position_ids": (1, 9)}
    masks = {"h.0.attn.bias": (1, 1, 8, 8), "h.0.attn.masked_bias": ()}
    parts = outline({"conv1.weight": (4, 3, 1, 1), "h.0.attn.c_attn.bias": (6,), **buffers, **masks})

    assert [name for part in parts for name in part.weights] == ["conv1.weight", "h.0.attn.c_attn.bias"]


def test_names_of_nothing_known_are_one_part() -> None:
    assert [part.kind for part in outline({"a.weight": (2,), "b.weight": (3,)})] == [EMBEDDINGS]
    assert outline({}) == []


def test_numbers_are_counted_as_numbers() -> None:
    names = ["block1-10", "block1-9", "decoder.1", "encoder.10", "encoder.9"]

    assert sorted(names, key=natural_order) == [
        "encoder.9",
        "encoder.10",
        "block1-9",
        "block1-10",
        "decoder.1",
    ]

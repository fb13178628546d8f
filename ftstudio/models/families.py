"""Which kind of model each `model_type` of a config.json is, for everything transformers can load.

A test compares these lists with the installed transformers, so that they stay true.
"""

from __future__ import annotations

from ftstudio.models.records import ModelKind

_ENCODERS = """
albert bert big_bird camembert canine convbert data2vec-text deberta deberta-v2 distilbert electra ernie esm eurobert
flaubert fnet funnel gte ibert layoutlm longformer luke megatron-bert mobilebert modernbert mpnet mra nomic_bert
nystromformer reformer rembert roberta roberta-prelayernorm roc_bert roformer squeezebert xlm xlm-roberta
xlm-roberta-xl xlnet xmod yoso
"""
_DECODERS = """
afmoe apertus arcee bamba biogpt bitnet bloom codegen cohere cohere2 cpmant ctrl cwm dbrx deepseek_v2 deepseek_v3
diffllama doge dots1 ernie4_5 ernie4_5_moe exaone4 falcon falcon_h1 falcon_mamba flex_olmo gemma gemma2 gemma3_text
gemma3n_text glm glm4 glm4_moe gpt-sw3 gpt2 gpt_bigcode gpt_neo gpt_neox gpt_neox_japanese gpt_oss gptj granite
granitemoe granitemoehybrid granitemoeshared helium hunyuan_v1_dense hunyuan_v1_moe jamba jetmoe lfm2 llama llama4_text
mamba mamba2 minimax ministral mistral mixtral modernbert-decoder mpt nemotron olmo olmo2 olmo3 olmoe openai-gpt opt
persimmon phi phi3 phimoe qwen2 qwen2_moe qwen3 qwen3_moe qwen3_next recurrent_gemma rwkv seed_oss smollm3 stablelm
starcoder2 vaultgemma xglm xlstm zamba zamba2
"""
_TEXT_TO_TEXT = """
bart bigbird_pegasus blenderbot blenderbot-small fsmt led longt5 m2m_100 marian mbart mt5 mvp nllb-moe pegasus
pegasus_x plbart prophetnet switch_transformers t5 t5gemma umt5
"""
_IMAGE = """
beit bit convnext convnextv2 cvt data2vec-vision deit dinat dinov2 dinov2_with_registers donut-swin efficientnet
focalnet hgnet_v2 hiera ijepa imagegpt levit mobilenet_v1 mobilenet_v2 mobilevit mobilevitv2 poolformer pvt pvt_v2
regnet resnet segformer swiftformer swin swinv2 textnet timm_wrapper torchvision vit vit_msn
"""
_DETECTORS = """
conditional_detr d_fine deformable_detr detr faster_rcnn fcos retinanet rt_detr rt_detr_v2
ssdlite table-transformer torchvision_detector yolos
"""
_KINDS = {
    model_type: kind
    for names, kind in (
        (_ENCODERS, ModelKind.TEXT_ENCODER),
        (_DECODERS, ModelKind.TEXT_DECODER),
        (_TEXT_TO_TEXT, ModelKind.TEXT_TO_TEXT),
        (_IMAGE, ModelKind.IMAGE_CLASSIFIER),
        (_DETECTORS, ModelKind.OBJECT_DETECTOR),
    )
    for model_type in names.split()
}
# Positions of these count from `pad_token_id + 1`, so that many of them are never used.
_OFFSET_POSITIONS = frozenset(
    {
        *("camembert", "data2vec-text", "esm", "ibert", "longformer", "luke", "mpnet", "xmod"),
        *("roberta", "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl"),
    }
)
# What the program writes itself for networks of torchvision.
TORCHVISION = frozenset({"torchvision", "faster_rcnn", "fcos", "retinanet", "ssdlite", "torchvision_detector"})
# One set of weights serves every layer.
SHARED_LAYERS = frozenset({"albert"})


def kind_of(model_type: str) -> ModelKind:
    """Return the kind of a `model_type`, `OTHER` for one that is not known."""
    return _KINDS.get(model_type, ModelKind.OTHER)


def known() -> dict[str, ModelKind]:
    """Return all known model types with their kind."""
    return dict(_KINDS)


def unused_positions(model_type: str, pad_token_id: int) -> int:
    """Return how many of a model's positions no token can take."""
    return pad_token_id + 1 if model_type in _OFFSET_POSITIONS else 0

"""Exports of real fine-tuned models in every format, and what their certificates say.

Run `python -m tests.benchmarks.exports [--only minilm,…] [--formats onnx,…] [--output FILE]`. Four models: MiniLM on
10 000 film reviews (full, and with LoRA), EfficientNet-Lite0 (timm) and torchvision's MobileNetV2 on photographs of
three materials. Each is trained once as a user would, then exported in each format it can have on this computer; the
table is what the certificates measured. TensorFlow Lite is among them where `FTSTUDIO_LITERT` names its environment.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ftstudio.core.messages import Request
from ftstudio.engine.run import execute
from ftstudio.planning.export_offers import exportable, formats_in_order, refusal
from ftstudio.project import seal
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.runs import find_run
from tests.benchmarks.ours import make_project, train
from tests.support.real_data import Row, mobilenet_v2, movie_reviews, textures

MODELS = ("minilm", "minilm-lora", "efficientnet-lite0", "mobilenet-v2")
TEST_ROWS = 300


def trained_project(name: str, folder: Path, rows: int = 2_000) -> ProjectLayout:
    """Return a project of one of `MODELS` with one finished run on up to `rows` rows, its test rows opened."""
    if name.startswith("minilm"):
        learned, test = _parted(movie_reviews(), rows)
        project = make_project(folder / name, "text-classification", "starter:minilm", learned, test)
        method = {"tuning_method": "lora"} if name.endswith("lora") else {}
        train(project, epochs=2, max_length=64, **method)
    else:
        learned, test = _parted(textures(folder / "textures", size=32), rows)
        model = "starter:efficientnet-lite0" if name == "efficientnet-lite0" else str(_prepared(mobilenet_v2()))
        project = make_project(folder / name, "image-classification", model, learned, test)
        train(project, epochs=2)
    layout = ProjectLayout(project)
    seal.record(layout, [find_run(layout, None)], "verb", "export")
    return layout


def _parted(source: Sequence[Row], rows: int) -> tuple[list[Row], list[Row]]:
    mixed = list(source)
    random.Random(3).shuffle(mixed)
    return mixed[TEST_ROWS : TEST_ROWS + rows], mixed[:TEST_ROWS]


def _prepared(checkpoint: Path) -> Path:
    request = Request(job="prepare_model", options={"path": str(checkpoint)})
    return Path(execute(request, lambda event: None)["path"])


def possible(project: ProjectLayout) -> list[str]:
    """Return the formats that the project's run can have here."""
    model = exportable(find_run(project, None))
    return [spec.key for spec in formats_in_order() if refusal(spec, model) is None]


def export(project: ProjectLayout, key: str, target: Path) -> dict[str, Any]:
    """Export the project's run as every listener does."""
    options = {"format": key, "to": str(target)}
    return execute(Request(job="export", project=project.root, options=options), lambda event: None)


def measure(folder: Path, names: Sequence[str], formats: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the certificate of every export, with the model and the format."""
    for name in names:
        project = trained_project(name, folder)
        for key in possible(project):
            if not formats or key in formats:
                document = export(project, key, folder / "exports" / f"{name}-{key}")
                yield {"model": name, "format": key, **document["certificate"]}


def line(found: dict[str, Any]) -> str:
    """Return one row of the table."""
    verdict = "passed" if found["passed"] else "FAILED"
    if "agreeing" not in found:
        return f"{found['model']:20}{found['format']:13}{verdict}  {found['reason']}"
    metric, times, sizes = found["metric"], found["milliseconds_a_row"], found["bytes"]
    scores = found["metrics"]
    return (
        f"{found['model']:20}{found['format']:13}{verdict:8}{found['agreeing']:4}/{found['rows']:<4}"
        f"{found['largest_difference']:10.2g}{found['largest_probability_difference']:10.2g}"
        f"{scores['before'][metric]:9.4f}{scores['after'][metric]:8.4f}"
        f"{times['before']:8.1f}{times['after']:8.1f}{sizes['before'] / 1e6:8.1f}{sizes['after'] / 1e6:8.1f}"
    )


HEADING = (
    f"{'model':20}{'format':13}{'':8}{'same':9}{'logits':>10}{'shares':>10}{'score':>9}{'after':>8}"
    f"{'ms':>8}{'after':>8}{'MB':>8}{'after':>8}"
)


def main() -> None:
    """Measure, print the table, and write the certificates to a file if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(MODELS))
    parser.add_argument("--formats", default="")
    parser.add_argument("--output", type=Path)
    asked = parser.parse_args()
    print(HEADING, flush=True)
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        for one in measure(Path(scratch), asked.only.split(","), [key for key in asked.formats.split(",") if key]):
            found.append(one)
            print(line(one), flush=True)
            if asked.output:
                asked.output.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

"""`python -m tests.benchmarks.inference`: how quick a finished run answers, beside what people would use instead.

- all rows of a file (`predict --table`, reading and writing included) against a transformers `pipeline` at its
  defaults, on the same model and rows;
- the first answer of a warm worker, from the question sent through the pipe to the answer read from it, against the
  bare forward pass on the same text or picture (at most 1.2 times that plus 20 ms);
- the forward pass in torch against the exported ONNX network, one row at a time;
- the results page on 50 000 test rows (`tests.benchmarks.results`).

Each contender runs in a process of its own, in turn; the numbers are medians over rounds.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import real_data

TRAINING_ROWS, ROWS, PICTURES = 256, 2_000, 400
HOME = Path(tempfile.gettempdir()) / "ftstudio-benchmark-inference"
KINDS = {
    "texts": ("text-classification", "starter:minilm"),
    "pictures": ("image-classification", "starter:efficientnet-lite0"),
}
FACTOR, EXTRA = 1.2, 0.020


def project(kind: str) -> Path:
    """Return a project with a finished run on real data, made once."""
    from ftstudio.cli.main import main

    root, source = HOME / kind, HOME / f"{kind}-source"
    if not (root / "complete").exists():
        task, model = KINDS[kind]
        data = _write_source(kind, source)
        assert (
            main(["new", str(root), "--task", task, "--model", model, "--data", str(data), "--set", "preset=quick"])
            == 0
        )
        assert main(["train", str(root)]) == 0
        (root / "complete").touch()
    return root


def _write_source(kind: str, folder: Path) -> Path:
    """Write training rows and, beside them, the file whose rows are to be answered; returns the former."""
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "texts":
        rows = real_data.movie_reviews()
        with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["text"], *([text] for text, _ in rows[TRAINING_ROWS : TRAINING_ROWS + ROWS])])
        return real_data.write_csv(folder / "train.csv", rows[:TRAINING_ROWS])
    _, asked = real_data.fashion(folder, 20, PICTURES, 0)
    with (folder / "rows.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["image"], *([path] for path, _ in asked)])
    return folder / "train"


def _asked(kind: str) -> list[str]:
    with (HOME / f"{kind}-source" / "rows.csv").open(newline="", encoding="utf-8") as file:
        return [row[0] for row in csv.reader(file)][1:]


# The contenders: each returns one figure, rows a second or seconds


def ours_batch(kind: str) -> float:
    """Rows a second of the job, from reading the first row to the table in place; loading the model left out."""
    from ftstudio.core.messages import Request
    from ftstudio.engine.run import execute

    with tempfile.TemporaryDirectory() as folder:
        options = {"source": str(HOME / f"{kind}-source" / "rows.csv"), "to": str(Path(folder) / "answers.csv")}
        document = execute(Request(job="predict_table", project=project(kind), options=options), lambda _: None)
    assert document["answered"] == document["rows"]
    return float(document["rows_per_second"])


def theirs_batch(kind: str) -> float:
    """Rows a second of a `pipeline` at its defaults; loading the model left out."""
    from ftstudio.engine import backend

    backend.prepare()
    from transformers import pipeline

    folder, asked = str(_model(kind)), _asked(kind)
    answer = pipeline(KINDS[kind][0], model=folder)
    began = time.perf_counter()
    found = answer(asked)
    took = time.perf_counter() - began
    assert len(found) == len(asked)
    return len(asked) / took


def warm_first(kind: str) -> float:
    """Seconds from a question to its answer, the first of a fresh warm worker, through its pipe."""
    from ftstudio.core.messages import Answer, Ask, Request, Started
    from ftstudio.supervisor.process import Worker

    worker = Worker()
    worker.start(Request(job="answer", project=project(kind)))
    events = worker.events()
    next(event for event in events if isinstance(event, Started))
    time.sleep(1.0)
    began = time.perf_counter()
    worker.send(Ask(number=1, question={"text" if kind == "texts" else "file": _asked(kind)[0]}))
    answer = next(event for event in events if isinstance(event, Answer))
    took = time.perf_counter() - began
    worker.kill()
    worker.wait(20)
    assert "answers" in answer.document
    return took


def bare_forward(kind: str) -> float:
    """Seconds of one forward pass of the same model on the same input, in the precision of the run, median of 9."""
    import torch

    model, batch = _loaded(kind)
    times = []
    with torch.inference_mode(), model.hardware.autocast():
        for at in range(11):
            began = time.perf_counter()
            model.task.logits(model.bundle.model, batch.inputs)
            times.append(time.perf_counter() - began if at > 1 else 0.0)
    return statistics.median(times[2:])


def onnx_forward(kind: str) -> float:
    """Seconds of one pass of the exported ONNX network on the same input, median of 9."""
    import onnxruntime

    from ftstudio.core.messages import Request
    from ftstudio.engine.run import execute

    with tempfile.TemporaryDirectory() as folder:
        options = {"format": "onnx", "to": str(Path(folder) / "network")}
        document = execute(Request(job="export", project=project(kind), options=options), lambda _: None)
        network = next(Path(document["path"]).rglob("*.onnx"))
        session = onnxruntime.InferenceSession(str(network), providers=["CPUExecutionProvider"])
        _, batch = _loaded(kind)
        wanted = {one.name for one in session.get_inputs()}
        inputs = {name: value.contiguous().numpy() for name, value in batch.inputs.items() if name in wanted}
        times = []
        for at in range(11):
            began = time.perf_counter()
            session.run(None, inputs)
            times.append(time.perf_counter() - began if at > 1 else 0.0)
    return statistics.median(times[2:])


CONTENDERS: dict[str, Callable[[str], float]] = {
    function.__name__: function for function in (ours_batch, theirs_batch, warm_first, bare_forward, onnx_forward)
}


def _model(kind: str) -> Path:
    return next((project(kind) / "runs").glob("*/model"))


def _loaded(kind: str) -> tuple[Any, Any]:
    import pyarrow as pa

    from ftstudio.engine.inference import answering
    from ftstudio.project.layout import ProjectLayout
    from ftstudio.project.runs import find_run

    model = answering.load(find_run(ProjectLayout(project(kind)), None))
    model.bundle.model.eval()
    feed = model.feed(pa.table({model.role.value: _asked(kind)[:1]}), Path())
    return model, feed.batch([0])


def _run(contender: str, kind: str) -> float:
    command = [sys.executable, "-m", "tests.benchmarks.inference", "--contender", contender, "--kind", kind]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{contender}, {kind}: {done.stderr[-2000:]}")
    figure = float(json.loads(done.stdout.splitlines()[-1]))
    print(f"{contender}, {kind}: {figure:.5g}", file=sys.stderr, flush=True)
    return figure


def table(results: dict[str, dict[str, list[float]]], page: dict[str, Any] | None) -> str:
    """Return what was measured as a Markdown table."""
    lines = ["| what | ours | theirs | ratio | wanted |", "|---|---|---|---|---|"]
    for kind, found in results.items():
        middle = {name: statistics.median(values) for name, values in found.items()}
        if {"ours_batch", "theirs_batch"} <= set(middle):
            ours, theirs = middle["ours_batch"], middle["theirs_batch"]
            lines.append(f"| a file of {kind} against a pipeline, rows/s | {ours:.0f} | {theirs:.0f} "
                         f"| {ours / theirs:.2f} | ≥ 2 |")  # fmt: skip
        if {"warm_first", "bare_forward"} <= set(middle):
            first, bare = middle["warm_first"], middle["bare_forward"]
            most = 1000 * (FACTOR * bare + EXTRA)
            lines.append(f"| first answer of a warm worker against the bare pass, {kind}, ms | {1000 * first:.1f} "
                         f"| {1000 * bare:.1f} | {first / bare:.2f} | ≤ {most:.1f} ms |")  # fmt: skip
        if {"onnx_forward", "bare_forward"} <= set(middle):
            onnx, bare = middle["onnx_forward"], middle["bare_forward"]
            lines.append(f"| ONNX beside torch, one row, {kind}, ms | {1000 * onnx:.1f} | {1000 * bare:.1f} "
                         f"| {bare / onnx:.2f} | |")  # fmt: skip
    for view, took in (page["views"] if page is not None else {}).items():
        lines.append(
            f"| results page, {page['rows']} test rows, {view}, ms | {1000 * took['first']:.0f} | | | < 1000 |"
        )
    return "\n".join(lines)


def _results_page() -> dict[str, Any] | None:
    """Return what the benchmark of the results page measured, for each view."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "page.json"
        command = [sys.executable, "-m", "tests.benchmarks.results", "--output", str(output)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"results page: {done.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
        return found


def main() -> None:
    """Run the benchmark, or one contender of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path(tempfile.gettempdir()) / "ftstudio-inference.json")
    parser.add_argument("--only", nargs="*", default=list(CONTENDERS), choices=list(CONTENDERS))
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=list(KINDS))
    parser.add_argument("--no-page", action="store_true", help="leave the results page out")
    parser.add_argument("--contender", choices=list(CONTENDERS))
    parser.add_argument("--kind", choices=list(KINDS), default="texts")
    arguments = parser.parse_args()
    os.environ.setdefault("FTSTUDIO_HOME", str(HOME / "home"))
    if arguments.contender:
        print(json.dumps(CONTENDERS[arguments.contender](arguments.kind)))
        return
    results: dict[str, dict[str, list[float]]] = {}
    for kind in arguments.kinds:
        project(kind)
        for _ in range(arguments.rounds):
            for contender in arguments.only:
                results.setdefault(kind, {}).setdefault(contender, []).append(_run(contender, kind))
                arguments.output.write_text(json.dumps(results, indent=1))
    page = None if arguments.no_page else _results_page()
    arguments.output.write_text(json.dumps({**results, "results_page": page}, indent=1))
    print(table(results, page))


if __name__ == "__main__":
    main()

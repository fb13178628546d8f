"""Stands in for the worker of the job `answer`: answers at once, or misbehaves. A script.

    python tests/support/answering_worker.py LOG [--dies-on WORD] [--once FLAG] [--slow SECONDS] [--idle] [--fails]

Every question is noted in LOG, a line each. It dies when a text holds WORD (`--once`: only while the file FLAG does
not exist, which it makes); `--slow` waits before each answer; `--idle` ends by itself; `--fails` cannot load the model.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def tell(**event: Any) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def answer(question: dict[str, Any]) -> dict[str, Any]:
    words = str(question.get("text") or question.get("file"))
    sure = 0.9 if "?" not in words else 0.55
    shares = {"positive": sure, "negative": 1 - sure}
    one = {"label": "positive", "probabilities": shares, "known": sure > 0.6, "seconds": 0.004}
    document: dict[str, Any] = {"answers": [{"run": run, **one} for run in question["runs"]]}
    if question.get("explain"):
        pieces = [[f"{word} ", float(at)] for at, word in enumerate(words.split())]
        explanation = {"kind": "words", "label": question["explain"], "method": "occlusion", "probability": sure}
        document["explanation"] = {**explanation, "pieces": pieces}
    return document


def die(flag: Path | None) -> None:
    """End like a crash; with a flag only the first time."""
    if flag is None or not flag.exists():
        if flag is not None:
            flag.touch()
        os._exit(9)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path)
    parser.add_argument("--dies-on", default="")
    parser.add_argument("--once", type=Path)
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--idle", action="store_true")
    parser.add_argument("--fails", action="store_true")
    options = parser.parse_args()
    sys.stdin.readline()
    if options.fails:
        message = {"template": "The weights are damaged."}
        tell(kind="failed", error={"message": message, "exit_code": 2})
        sys.exit(2)
    tell(kind="progress", phase={"template": "Loading the model"})
    tell(kind="started", job="answer", pid=os.getpid())
    if options.idle:
        tell(kind="finished", document={"answered": 0, "ended_because": "idle"})
        return
    for line in sys.stdin:
        command = json.loads(line)
        if command["kind"] != "ask":
            break
        question = command["question"]
        with options.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(question) + "\n")
        if options.dies_on and options.dies_on in question["text"]:
            die(options.once)
        time.sleep(options.slow)
        tell(kind="answer", number=command["number"], document=answer(question))


if __name__ == "__main__":
    main()

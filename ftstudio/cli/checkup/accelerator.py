"""Looks at torch, torchvision and the graphics card, through a child process that may die without harm."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import Any

from ftstudio.cli.checkup.findings import Finding
from ftstudio.core.quantities import byte_size
from ftstudio.core.text import text
from ftstudio.core.translation import tr

PATIENCE_SECONDS = 180
PAIR = "torch==2.13.0 torchvision==0.28.0"


def accelerator() -> list[Finding]:
    """Find whether torch and torchvision work, belong together, and which device a run would use."""
    answer = ask(command())
    if "torch" not in answer:
        reason = answer.get("torch_error", answer.get("died", ""))
        hint = text("Install it anew: python -m pip install --force-reinstall {pair}", pair=PAIR)
        return [Finding("torch", tr("torch"), "error", text("cannot be used: {reason}", reason=reason), hint)]
    return [_torch(answer), _pairing(answer), _device(answer)]


def command() -> list[str]:
    """Return the command of the child that imports torch; a frozen program is its own interpreter."""
    frozen = getattr(sys, "frozen", False)
    return [sys.executable, "--probe"] if frozen else [sys.executable, "-m", "ftstudio", "--probe"]


def ask(words: list[str]) -> dict[str, Any]:
    """Run the child and return what it says; `died` tells how it ended when it says nothing."""
    try:
        child = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"died": str(error)}
    lines = child.stdout.strip().splitlines()
    try:
        answer: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):
        last_words = (child.stderr.strip().splitlines() or [""])[-1]
        return {"died": f"exit code {child.returncode} {last_words}".strip()}
    return answer


def _torch(answer: dict[str, Any]) -> Finding:
    found = text("{version}, {threads} threads", version=answer["torch"], threads=answer["threads"])
    return Finding("torch", tr("torch"), "ok", found)


def _pairing(answer: dict[str, Any]) -> Finding:
    title = tr("torchvision")
    hint = text("Install the pair that belongs together: python -m pip install {pair}", pair=PAIR)
    if "torchvision" not in answer:
        reason = answer.get("torchvision_error", "")
        return Finding("torchvision", title, "error", text("cannot be used: {reason}", reason=reason), hint)
    wanted = answer["paired_with"]
    if wanted and answer["torch"].partition("+")[0] != wanted:
        found = text("{version} belongs to torch {wanted}", version=answer["torchvision"], wanted=wanted)
        return Finding("torchvision", title, "error", found, hint)
    if answer["native_operators"]:
        return Finding("torchvision", title, "ok", text("{version}", version=answer["torchvision"]))
    found = text("{version}; its compiled operators are replaced by our own", version=answer["torchvision"])
    return Finding("torchvision", title, "ok", found)


def _device(answer: dict[str, Any]) -> Finding:
    title = tr("Graphics card")
    card = answer.get("accelerator")
    if card:
        memory = byte_size(card["memory_bytes"]) if card["memory_bytes"] else ""
        found = text("{name} {memory}", name=card["name"], memory=memory)
        return Finding("accelerator", title, "ok", found)
    if shutil.which("nvidia-smi"):
        hint = text(
            "This torch is built for {built_for}. Update the driver, or install a torch that is built for CUDA.",
            built_for=answer["built_for"],
        )
        found = text("there is an NVIDIA card, but torch cannot use it")
        return Finding("accelerator", title, "warning", found, hint)
    return Finding("accelerator", title, "ok", text("none; the processor will compute"))

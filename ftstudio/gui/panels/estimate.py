"""What a run will cost, before it starts: steps, time and memory, rounded as befits an estimate.

A finished run of the same project and tuning method tells the speed; without one it is reckoned from the size of
the model and the machine. Torch is not needed, so the figures follow every change in the form at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ftstudio.core.effort import LEARNING_BYTES, SMALL_BYTES, WEIGHT_BYTES, Effort
from ftstudio.core.presets import Facts
from ftstudio.core.settings import TrainingSettings

# Floating point operations per second that small models really reach, by device (one core for the processor).
REACHED = {"cpu": 45e9, "cuda": 12e12, "mps": 2e12}
# Pictures reuse every weight about this often at 224 pixels (MobileNet to ViT: 90 to 200), and less efficiently.
REUSE, PICTURE_COST = 130, 2.5
THOROUGH = 2.2  # times the work of SSDLite on pictures of the same size, as measured
START_SECONDS = 6.0
BASE_BYTES = 600_000_000
ACTIVATION_BYTES, PICTURE_BYTES = 40, 90_000_000


@dataclass(frozen=True)
class Estimate:
    """Optimiser steps, seconds and bytes of one run."""

    steps: int
    seconds: float
    memory_bytes: int


def estimate(settings: TrainingSettings, facts: Facts, effort: Effort, speed: float | None = None) -> Estimate:
    """Return what a run costs; `effort` tells how much learns, `speed` is a known rate in rows per second."""
    rows = facts.learned_rows(settings)
    steps = steps_of(settings, rows)
    seen = min(steps * settings.batch_size, math.ceil(rows * settings.epochs))
    seconds = seen / speed if speed else _work(settings, facts, effort, seen) / _power(facts)
    return Estimate(steps, START_SECONDS + seconds, _memory(settings, facts, effort))


def steps_of(settings: TrainingSettings, rows: int) -> int:
    """Return the optimiser steps of a full run over `rows` training rows."""
    steps = math.ceil(math.ceil(rows / settings.batch_size) * settings.epochs)
    return min(steps, settings.max_steps) if settings.max_steps else steps


def _work(settings: TrainingSettings, facts: Facts, effort: Effort, seen: int) -> float:
    """Return the operations of a run: what lies below all that learns may run once and be stored."""
    forward = 2.0 * facts.parameters * _uses(settings, facts)
    backward = seen * (effort.reach + effort.share)
    if settings.cache_features and not settings.changes_inputs:
        once, again = facts.rows * 1.3 * (1 - effort.reach), (seen + 0.3 * facts.rows) * effort.reach
        return forward * (once + again + backward)
    return forward * (seen + backward + 0.3 * facts.rows)


def _uses(settings: TrainingSettings, facts: Facts) -> float:
    """Return how often one sample uses each weight: once a token, or many times a picture."""
    side = facts.side_read(settings)
    if side:
        thorough = facts.new_detector and settings.detector != "ssdlite"
        return REUSE * PICTURE_COST * (side / 224) ** 2 * (THOROUGH if thorough else 1.0)
    length = min(max(8, facts.learned_length(settings) or 64), settings.max_length)
    return 0.6 * length


def _power(facts: Facts) -> float:
    return REACHED.get(facts.device, REACHED["cpu"]) * (facts.cores if facts.device == "cpu" else 1)


def _memory(settings: TrainingSettings, facts: Facts, effort: Effort) -> int:
    resting = WEIGHT_BYTES * (1 - effort.small) + SMALL_BYTES * effort.small
    weights = facts.parameters * (resting + LEARNING_BYTES * effort.share)
    rows = settings.micro_batch_size or min(settings.batch_size, 16)
    activations = rows * _activations(settings, facts) * max(0.2, effort.reach)
    return int(BASE_BYTES + weights + min(activations, facts.memory_bytes * 0.6))


def _activations(settings: TrainingSettings, facts: Facts) -> float:
    """Return the bytes that one sample needs on its way through a model that learns as a whole."""
    side = facts.side_read(settings)
    if side:
        return PICTURE_BYTES * (side / 224) ** 2
    longest = max((facts.long_length, *facts.text_lengths)) or settings.max_length
    length = min(longest, settings.max_length)
    return float(ACTIVATION_BYTES * length * (facts.hidden_size or 384) * max(1, facts.blocks))

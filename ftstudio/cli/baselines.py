"""A run's scores among those of simple answers, as a table: a number says little without them."""

from __future__ import annotations

from typing import Any

from ftstudio.cli.tables import table
from ftstudio.core.metrics import shown_title
from ftstudio.core.quantities import score
from ftstudio.core.translation import tr
from ftstudio.project.baselines import read

MOST_METRICS = 2


def against_baselines(document: dict[str, Any]) -> list[str]:
    """Return the lines of the table for a `train` document; none when no simple answer was scored."""
    metrics = document.get("metrics") or {}
    found = read(document)
    for split, title in (("test", tr("On the test rows, beside simple answers:")),
                         ("validation", tr("On the validation rows, beside simple answers:"))):  # fmt: skip
        beside = [one for one in found if split in one.metrics]
        if metrics.get(split) and beside:
            keys = [key for key in metrics[split] if key != "loss"][:MOST_METRICS]
            rows = [[one.title.render(), *_scores(one.metrics[split], keys)] for one in beside]
            rows.append([tr("This model"), *_scores(metrics[split], keys)])
            return ["", title, *table([tr("answer"), *map(shown_title, keys)], rows, right=range(1, len(keys) + 1))]
    return []


def _scores(metrics: dict[str, float], keys: list[str]) -> list[str]:
    return [score(metrics[key]) if key in metrics else "–" for key in keys]

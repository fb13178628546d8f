"""Labels that are one class written in several ways."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from ftstudio.core.errors import Where
from ftstudio.core.problems import Fix, Problem, Severity
from ftstudio.core.specs import Answer, ColumnRole
from ftstudio.core.text import text, text_plural
from ftstudio.datasets.checks import MOST_EXAMPLES, Case

ANSWERS = frozenset({Answer.LABEL, Answer.LABELS})


def find(case: Case) -> Iterator[Problem]:
    """Report labels that differ only by case, space or the way letters are composed."""
    counts = case.view.counts_by_label()
    families: dict[str, list[str]] = defaultdict(list)
    for label in counts:
        families[plain(label)].append(label)
    names: dict[str, str] = {}
    for family in families.values():
        if len(family) > 1:
            best = max(family, key=lambda label: (counts[label], label == label.strip(), label))
            names |= {label: best.strip() if best.strip() in family else best for label in family if label != best}
    if not names:
        return
    yield Problem(
        severity=Severity.WARNING,
        code="label_spelling",
        message=text_plural(
            "{count} label differs from another one only by upper case or spaces.",
            "{count} labels differ from others only by upper case or spaces.",
            len(names),
        ),
        hint=text("They would be learned as different classes. Merge them."),
        count=len(names),
        where=Where(column=case.dataset.roles.get(ColumnRole.LABEL)),
        examples=tuple(f"“{old}” → “{new}”" for old, new in list(names.items())[:MOST_EXAMPLES]),
        fix=Fix(key="merge_labels", label=text("Merge them"), params={"names": names}),
    )


def plain(label: str) -> str:
    """Return a label without what does not change its meaning: case, outer and repeated spaces, composition."""
    return re.sub(r"[\s_\-]+", " ", unicodedata.normalize("NFKC", label)).strip().casefold()

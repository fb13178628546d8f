"""Questions by topic: short English questions people ask a chat program (chatterbot-corpus, BSD licence)."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

from ftstudio.core.translation import N_
from ftstudio.samples import SampleSpec
from ftstudio.samples._packages import folder_inside, missing

SPEC = SampleSpec(
    key="topics",
    title=N_("Questions by topic"),
    summary=N_("Sort short English questions into ten topics, from science to sports."),
    task="text-classification",
    starter="minilm",
    picture="text",
)

FEWEST_PER_TOPIC = 20


def write_source(folder: Path) -> Path:
    """Write `questions.csv` with the columns text and label into `folder` and return its path."""
    questions = _questions(folder_inside("chatterbot_corpus", "data", "english"))
    counts = Counter(questions.values())
    target = folder / "questions.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows((text, topic) for text, topic in questions.items() if counts[topic] >= FEWEST_PER_TOPIC)
    return target


def _questions(corpus: Path) -> dict[str, str]:
    """Return each different question with its topic; one that is in several topics counts for the first."""
    try:
        import yaml
    except ImportError:
        raise missing("pyyaml") from None
    found: dict[str, tuple[str, str]] = {}
    for file in sorted(corpus.glob("*.yml")):
        for conversation in yaml.safe_load(file.read_text(encoding="utf-8"))["conversations"]:
            question = " ".join(str(conversation[0]).split()) if conversation else ""
            if question:
                found.setdefault(question.casefold(), (question, file.stem.replace("_", " ")))
    return dict(found.values())

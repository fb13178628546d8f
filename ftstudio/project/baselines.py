"""What simple ways of answering score on a project's data: the scores that a fine-tuned model has to beat."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from ftstudio.core.text import Text, text
from ftstudio.project.layout import ProjectLayout
from ftstudio.project.studies import list_studies

STUDY = "baselines"
TITLES = {
    "majority": text("Always the commonest label"),
    "usual_labels": text("Always the labels that are commonest"),
    "mean": text("Always the mean of the numbers"),
    "bag_of_words": text("Bag of words with logistic regression"),
    "bag_of_words_ridge": text("Bag of words with ridge regression"),
    "word_windows": text("Marks by words with their neighbours"),
    "no_answer": text("Never an answer"),
    "best_sentence": text("The sentence with most words of the question"),
    "frozen_features": text("Linear layer on the unchanged model"),
    "random_weights": text("The same network from random weights"),
}


class Baseline(BaseModel):
    """One simple way: its scores by split and metric, the training rows it saw, and the seconds it took.

    `of_model` says that it depends on the pretrained model and not only on the data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    metrics: dict[str, dict[str, float]]
    rows: int
    seconds: float
    of_model: bool = False

    @property
    def title(self) -> Text:
        """What it does, in words."""
        return TITLES.get(self.key, Text(template=self.key))


def latest_baselines(project: ProjectLayout, data: str, model: str) -> list[Baseline]:
    """Return the newest scores of each kind for the data and the model with these fingerprints.

    Newer studies replace older ones kind by kind; those of other data, and of other models where that matters, do not
    count.
    """
    found: dict[str, Baseline] = {}
    for study in reversed(list_studies(project, STUDY)):
        if study.report.data_fingerprint != data:
            continue
        for one in read(study.report.numbers):
            if not one.of_model or study.report.model_fingerprint == model:
                found[one.key] = _merged(found.get(one.key), one)
    return [found[key] for key in TITLES if key in found]


def read(document: dict[str, Any]) -> list[Baseline]:
    """Return the baselines of a study's numbers or of a run's document; what cannot be read is left out."""
    found = []
    for one in document.get("baselines") or []:
        try:
            found.append(Baseline.model_validate(one))
        except ValueError:
            continue
    return found


def _merged(older: Baseline | None, newer: Baseline) -> Baseline:
    """Keep the splits that only the older study has scored."""
    return newer if older is None else newer.model_copy(update={"metrics": {**older.metrics, **newer.metrics}})

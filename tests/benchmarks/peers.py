"""The others: transformers' Trainer as people use it, and classical baselines. They share nothing with our engine
but the loading of the same pretrained model.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from PIL import Image

from ftstudio.engine import backend
from tests.support.real_data import Row


@dataclass
class Outcome:
    """What a contender reached: share of right test rows, seconds of training, rows learned from in that time."""

    accuracy: float
    seconds: float
    rows: int

    @property
    def rate(self) -> float:
        """Rows per second."""
        return self.rows / self.seconds


def peak_memory() -> int:
    """Return the largest resident size of this process so far, in bytes."""
    import resource

    return max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, psutil.Process().memory_info().rss)


def encode(labels: Sequence[str], names: list[str]) -> list[int]:
    """Return label numbers."""
    return [names.index(label) for label in labels]


class TextRows(torch.utils.data.Dataset[dict[str, Any]]):
    """Tokenized texts for Trainer."""

    def __init__(self, tokenizer: Any, rows: Sequence[Row], names: list[str], max_length: int) -> None:
        texts = [text for text, _ in rows] or [""]
        encoded = tokenizer(texts, truncation=True, max_length=max_length)
        labels = encode([label for _, label in rows], names)
        self.items = [
            {**{key: encoded[key][at] for key in encoded}, "labels": label} for at, label in enumerate(labels)
        ]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, at: int) -> dict[str, Any]:
        return self.items[at]


class PictureRows(torch.utils.data.Dataset[dict[str, Any]]):
    """Pictures for Trainer, decoded and prepared by the model's processor each time, as its examples do."""

    def __init__(self, processor: Any, rows: Sequence[Row], names: list[str]) -> None:
        self.processor, self.rows, self.labels = processor, rows, encode([label for _, label in rows], names)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, at: int) -> dict[str, Any]:
        with Image.open(self.rows[at][0]) as image:
            pixels = self.processor(images=image.convert("RGB"), return_tensors="pt")["pixel_values"][0]
        return {"pixel_values": pixels, "labels": self.labels[at]}


def train_text(
    model_folder: Path,
    train: Sequence[Row],
    test: Sequence[Row],
    *,
    seed: int,
    max_length: int,
    validation: Sequence[Row] = (),
    frozen: bool = False,
    top_layers: int = 0,
    patience: int | None = None,
    **arguments: Any,
) -> Outcome:
    """Fine-tune with Trainer; with `patience` it validates each epoch, stops early and keeps the best."""
    backend.prepare()
    import transformers as hf

    hf.set_seed(seed)
    names = sorted({label for _, label in train})
    tokenizer = hf.AutoTokenizer.from_pretrained(model_folder)
    tokenizer._tokenizer.no_truncation()
    tokenizer._tokenizer.no_padding()
    model = hf.AutoModelForSequenceClassification.from_pretrained(model_folder, num_labels=len(names))
    if frozen:
        for parameter in model.base_model.parameters():
            parameter.requires_grad = False
        for block in list(model.base_model.encoder.layer)[len(model.base_model.encoder.layer) - top_layers :]:
            block.requires_grad_(True)
    sets = [TextRows(tokenizer, rows, names, max_length) for rows in (train, validation, test)]
    return _train(model, sets, hf.DataCollatorWithPadding(tokenizer), seed, patience, arguments)


def train_pictures(
    model_folder: Path,
    train: Sequence[Row],
    test: Sequence[Row],
    *,
    seed: int,
    validation: Sequence[Row] = (),
    patience: int | None = None,
    **arguments: Any,
) -> Outcome:
    """Fine-tune an image classifier with Trainer and its usual picture pipeline."""
    backend.prepare()
    import transformers as hf

    from ftstudio.engine.vision.image_classifiers import load_classifier

    hf.set_seed(seed)
    names = sorted({label for _, label in train})
    (model, processor, _), _ = load_classifier(model_folder, names, trained=False)
    sets = [PictureRows(processor, rows, names) for rows in (train, validation, test)]
    arguments = {"remove_unused_columns": False, **arguments}
    return _train(model, sets, hf.DefaultDataCollator(), seed, patience, arguments)


def _train(model: Any, sets: list[Any], collator: Any, seed: int, patience: int | None, arguments: Any) -> Outcome:
    import transformers as hf

    train, validation, test = sets
    with tempfile.TemporaryDirectory() as folder:
        if patience:
            every = {"eval_strategy": "epoch", "save_strategy": "epoch", "load_best_model_at_end": True}
            arguments = {**every, "save_total_limit": 1, "metric_for_best_model": "accuracy", **arguments}
        else:
            arguments = {"save_strategy": "no", **arguments}
        options = hf.TrainingArguments(
            folder, seed=seed, report_to=[], disable_tqdm=True, use_cpu=True, logging_strategy="no", **arguments
        )
        callbacks = [hf.EarlyStoppingCallback(patience)] if patience else []
        trainer = hf.Trainer(
            model,
            options,
            train_dataset=train,
            eval_dataset=validation,
            data_collator=collator,
            callbacks=callbacks,
            compute_metrics=lambda result: {"accuracy": float((result[0].argmax(-1) == result[1]).mean())},
        )
        began = time.perf_counter()
        done = trainer.train()
        seconds = time.perf_counter() - began
        answers = trainer.predict(test).predictions.argmax(-1)
    truth = np.array([test[at]["labels"] for at in range(len(test))]) if isinstance(test, TextRows) else test.labels
    rows = round(done.metrics["epoch"] * len(train))
    return Outcome(float((answers == np.asarray(truth)).mean()), seconds, rows)


def bag_of_words(train: Sequence[Row], test: Sequence[Row]) -> float:
    """Return the test accuracy of TF-IDF (words and pairs) and logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    features = words.fit_transform([text for text, _ in train])
    model = LogisticRegression(C=10, max_iter=2000).fit(features, [label for _, label in train])
    return float(model.score(words.transform([text for text, _ in test]), [label for _, label in test]))


def frozen_text(model_folder: Path, train: Sequence[Row], test: Sequence[Row], max_length: int) -> float:
    """Return the test accuracy of logistic regression on mean-pooled features of the unchanged model."""
    backend.prepare()
    import transformers as hf

    tokenizer = hf.AutoTokenizer.from_pretrained(model_folder)
    model = hf.AutoModel.from_pretrained(model_folder).eval()

    def features(rows: Sequence[Row]) -> np.ndarray:
        found = []
        for at in range(0, len(rows), 32):
            texts = [text for text, _ in rows[at : at + 32]]
            batch = tokenizer(texts, padding=True, truncation=True, max_length=max_length, return_tensors="pt")
            with torch.inference_mode():
                states = model(**batch).last_hidden_state
            mask = batch["attention_mask"][..., None]
            found.append(((states * mask).sum(1) / mask.sum(1)).numpy())
        return np.concatenate(found)

    return _logistic(features(train), train, features(test), test)


def frozen_pictures(model_folder: Path, train: Sequence[Row], test: Sequence[Row]) -> float:
    """Return the test accuracy of logistic regression on what enters the classifier of the unchanged model."""
    backend.prepare()
    from ftstudio.engine.vision.image_classifiers import load_classifier

    (model, processor, _), _ = load_classifier(model_folder, ["one", "two"], trained=False)
    model.eval()
    caught: list[torch.Tensor] = []
    head = [module for module in model.modules() if isinstance(module, torch.nn.Linear)][-1]
    head.register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0].detach()))

    def features(rows: Sequence[Row]) -> np.ndarray:
        found = []
        data = PictureRows(processor, rows, sorted({label for _, label in rows}))
        for at in range(0, len(rows), 32):
            pixels = torch.stack([data[row]["pixel_values"] for row in range(at, min(at + 32, len(rows)))])
            with torch.inference_mode():
                model(pixels)
            found.append(caught.pop().numpy())
        return np.concatenate(found)

    return _logistic(features(train), train, features(test), test)


def _logistic(inner: np.ndarray, train: Sequence[Row], outer: np.ndarray, test: Sequence[Row]) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    best = 0.0
    for strength in (0.01, 1.0):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=2000))
        model.fit(inner, [label for _, label in train])
        best = max(best, float(model.score(outer, [label for _, label in test])))
    return best

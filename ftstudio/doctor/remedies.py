"""What can be done about a verdict, as buttons: each changes settings from what this run had, or returns None if it
would change nothing.
"""

from __future__ import annotations

import math

from ftstudio.core.advice import Remedy
from ftstudio.core.text import text
from ftstudio.doctor.signs import Signs

MOST_DROPOUT = 0.3
STRONG_DECAY = 0.1
MOST = 4  # buttons in a row


def chosen(*offered: Remedy | None) -> tuple[Remedy, ...]:
    """Return those of the offered remedies that would change something, the first few."""
    return tuple(remedy for remedy in offered if remedy is not None)[:MOST]


def stop() -> Remedy:
    """End the run now and keep its best model."""
    return Remedy(label=text("Stop and keep the best"), action="stop")


def fewer_epochs(signs: Signs) -> Remedy | None:
    """End the next run shortly after where this one was best."""
    best = signs.lowest.epoch
    epochs = float(max(1, math.ceil(best + 1)))
    if epochs >= signs.case.settings.epochs:
        return None
    return Remedy(
        label=text("{epochs} epochs next time", epochs=int(epochs)), action="settings", values={"epochs": epochs}
    )


def early_stopping(signs: Signs) -> Remedy | None:
    """Let the next run end by itself."""
    if signs.case.settings.early_stopping:
        return None
    return Remedy(label=text("Switch on early stopping"), action="settings", values={"early_stopping": True})


def freeze_deeper(signs: Signs) -> Remedy | None:
    """Let fewer layers learn."""
    method = signs.case.settings.tuning_method
    if not signs.case.learns_below_head:
        return None
    if method == "top_layers":
        return head_only(signs)
    values = {"tuning_method": "top_layers", "top_layers": 2}
    return Remedy(label=text("Train only the top layers"), action="settings", values=values)


def head_only(signs: Signs) -> Remedy | None:
    """Leave the pretrained layers as they are."""
    if not signs.case.learns_below_head:
        return None
    return Remedy(label=text("Train only the head"), action="settings", values={"tuning_method": "head"})


def larger_batch(signs: Signs) -> Remedy | None:
    """Average more rows for each step."""
    after = 2 * signs.case.settings.batch_size
    if after > signs.case.rows:
        return None
    return Remedy(label=text("Batches of {rows} rows", rows=after), action="settings", values={"batch_size": after})


def more_layers(signs: Signs) -> Remedy | None:
    """Let more layers learn."""
    if signs.case.settings.tuning_method == "full":
        return None
    return Remedy(label=text("Train all layers"), action="settings", values={"tuning_method": "full"})


def more_dropout(signs: Signs) -> Remedy | None:
    """Switch off more activations at random."""
    now = signs.case.settings.dropout
    after = 0.1 if not now else round(min(MOST_DROPOUT, now + 0.1), 2)
    if now is not None and after <= now:
        return None
    return Remedy(label=text("Dropout {value}", value=after), action="settings", values={"dropout": after})


def more_decay(signs: Signs) -> Remedy | None:
    """Pull the weights more strongly towards zero."""
    if signs.case.settings.weight_decay >= STRONG_DECAY:
        return None
    label = text("Weight decay {value}", value=STRONG_DECAY)
    return Remedy(label=label, action="settings", values={"weight_decay": STRONG_DECAY})


def augment(signs: Signs) -> Remedy | None:
    """Change the pictures a little each time."""
    if signs.case.modality != "image" or signs.case.settings.augmentation != "none":
        return None
    return Remedy(label=text("Augment the pictures"), action="settings", values={"augmentation": "light"})


def rate(signs: Signs, factor: float) -> Remedy:
    """Multiply the learning rate."""
    after = float(f"{signs.case.settings.learning_rate * factor:.1g}")
    return Remedy(label=text("Learning rate {rate}", rate=after), action="settings", values={"learning_rate": after})


def more_epochs(signs: Signs) -> Remedy:
    """Learn twice as long."""
    epochs = math.ceil(2 * signs.case.settings.epochs)
    return Remedy(label=text("{epochs} epochs", epochs=epochs), action="settings", values={"epochs": float(epochs)})


def find_rate() -> Remedy:
    """Measure which learning rate suits."""
    return Remedy(label=text("Find the learning rate"), action="study", values={"study": "find_lr"})


def cross_validate() -> Remedy:
    """Judge by all rows instead of few."""
    return Remedy(label=text("Cross-validate"), action="study", values={"study": "cross_validate"})


def learning_curve() -> Remedy:
    """Measure whether more rows would help."""
    return Remedy(label=text("Would more data help?"), action="study", values={"study": "learning_curve"})

"""The settings of checks and early stopping: when the model is tried, which check is the best, when a run ends."""

from __future__ import annotations

from typing import Literal

from ftstudio.core.setting import SettingsGroup, setting
from ftstudio.core.translation import N_


class Stopping(SettingsGroup):
    """How a run is checked and when it ends early."""

    early_stopping: bool = setting(
        True,
        "stopping",
        N_("Early stopping"),
        N_("Ends the run when the validation score stops getting better. The best model is kept either way."),
    )
    patience: int = setting(
        4,
        "stopping",
        N_("Patience"),
        N_("How many checks without a gain are waited for before stopping."),
        unit=N_("checks"),
        ge=1,
        le=1000,
    )
    warmup_checks: int = setting(
        0,
        "stopping",
        N_("Checks before counting"),
        N_(
            "So many checks pass before the patience is counted. Helps when the score starts with a plateau, as with "
            "a long warm-up or a new head."
        ),
        unit=N_("checks"),
        advanced=True,
        ge=0,
        le=1000,
    )
    minimum_gain: float = setting(
        0.0,
        "stopping",
        N_("Minimum gain"),
        N_("How much better a check must be to count as a gain."),
        advanced=True,
        ge=0.0,
        le=1.0,
    )
    monitor: str = setting(
        "macro_f1", "stopping", N_("Metric"), N_("The validation score that decides which checkpoint is the best.")
    )
    tie_break: Literal["later", "loss", "earlier"] = setting(
        "later",
        "stopping",
        N_("Between equal scores"),
        N_(
            "Which of several checks with nearly the same score is kept as the best. On few validation rows the "
            "highest is often the luckiest, and a later one the better model."
        ),
        advanced=True,
        choices={
            "later": N_("The later one, also where the difference may be chance"),
            "loss": N_("The one with the lower validation loss"),
            "earlier": N_("The earlier one"),
        },
    )
    pinned_prompts: str = setting(
        "",
        "stopping",
        N_("Pinned prompts"),
        N_(
            "Up to 5 beginnings or questions with a bar | between them. At each check the model writes to them, beside "
            "what it wrote before training. Empty: two validation rows."
        ),
        answers=("text",),
    )
    checks_per_epoch: float = setting(
        1.0,
        "stopping",
        N_("Checks per epoch"),
        N_("How often the model is tried on the validation rows."),
        advanced=True,
        gt=0.0,
        le=100.0,
    )

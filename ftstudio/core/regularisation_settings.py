"""The settings against overfitting: each says when it helps and who has shown it."""

from __future__ import annotations

from typing import Literal

from ftstudio.core.setting import LABELLING, SettingsGroup, setting
from ftstudio.core.translation import N_


class Regularisation(SettingsGroup):
    """What keeps a model from learning its training rows by heart."""

    weight_decay: float = setting(
        0.01,
        "regularise",
        N_("Weight decay"),
        N_(
            "Pulls the weights gently towards zero (Loshchilov and Hutter 2019). A little (0.01 to 0.1) helps in long "
            "runs; with few steps it hardly matters."
        ),
        ge=0.0,
        le=1.0,
    )
    dropout: float | None = setting(
        None,
        "regularise",
        N_("Dropout"),
        N_(
            "The share of activations switched off at random while training. Helps with long runs on little data and "
            "costs time. Empty: as the model was made."
        ),
        ge=0.0,
        le=0.9,
    )
    label_smoothing: float = setting(
        0.0,
        "regularise",
        N_("Label smoothing"),
        N_("Takes a little certainty away from every label; helps when some labels are wrong (Szegedy et al. 2016)."),
        ge=0.0,
        le=0.5,
        answers=(*LABELLING, "rewrite"),
    )
    number_loss: Literal["squared", "huber", "absolute"] = setting(
        "squared",
        "regularise",
        N_("Large errors"),
        N_(
            "How much numbers count that are far off. Squared errors serve honest data; where a few numbers are wrong "
            "or extreme, the other two keep these from leading the model astray. The validation loss stays the squared "
            "error, so that runs can be compared."
        ),
        choices={
            "squared": N_("Count most: squared error"),
            "huber": N_("Count less: Huber loss (Huber 1964), squared only up to one standard deviation"),
            "absolute": N_("Count as far as they are off: absolute error, aims at the median"),
        },
        answers=("number",),
    )
    class_weights: Literal["none", "balanced"] = setting(
        "none",
        "regularise",
        N_("Class weights"),
        N_(
            "“Balanced” makes rare classes count as much as frequent ones. Helps when the score counts all classes "
            "alike and some are rare."
        ),
        choices={"none": N_("All rows count the same"), "balanced": N_("Balanced")},
        answers=LABELLING,
    )
    balanced_sampling: bool = setting(
        False,
        "regularise",
        N_("Balanced sampling"),
        N_(
            "Draws rows of rare classes more often, so that every class is seen equally often; an epoch stays as long "
            "as it is. Steadier than class weights when a class has very few rows, and takes their place. Rows of a "
            "very rare class come back often and may be learned by heart."
        ),
        answers=LABELLING,
    )
    augmentation: Literal["none", "light", "strong", "randaugment"] = setting(
        "none",
        "regularise",
        N_("Image augmentation"),
        N_(
            "Shows the model slightly changed pictures each time, so that it cannot learn them by heart. Helps most "
            "with few pictures and many epochs; the changes must not alter what a picture means. Where boxes are "
            "learned they move along, pictures also become smaller, and nothing is rotated or erased."
        ),
        modality="image",
        choices={
            "none": N_("None: the pictures as they are, fastest"),
            "light": N_("Light: crops and mirror images"),
            "strong": N_("Strong: also colour, rotation and erasing"),
            "randaugment": N_("RandAugment: two random changes out of fourteen (Cubuk et al. 2020)"),
        },
    )
    mirroring: bool = setting(
        True,
        "regularise",
        N_("Mirror pictures"),
        N_(
            "Whether augmentation also mirrors pictures. Switch it off where left and right mean something: digits, "
            "letters, traffic signs, organs."
        ),
        modality="image",
    )
    colour_changes: bool = setting(
        True,
        "regularise",
        N_("Change colours"),
        N_(
            "Whether strong augmentation and RandAugment also change brightness and colours. Switch it off where the "
            "colour is what matters: stains, ripeness, skin."
        ),
        modality="image",
    )
    mixup: float = setting(
        0.0,
        "regularise",
        N_("Mixup"),
        N_(
            "Lays two pictures over each other and asks for both labels in the same shares (Zhang et al. 2018). Helps "
            "against learning by heart and against wrong labels; needs more epochs. 0.2 is usual, 0 is off."
        ),
        modality="image",
        advanced=True,
        ge=0.0,
        le=8.0,
        answers=("label", "labels", "number"),
    )
    cutmix: float = setting(
        0.0,
        "regularise",
        N_("CutMix"),
        N_(
            "Pastes a rectangle of one picture into another and asks for both labels by area (Yun et al. 2019). Helps "
            "when parts of an object are enough to tell it; not when the whole picture matters. 1 is usual, 0 is off. "
            "With Mixup set too, each portion of rows takes one of the two by chance."
        ),
        modality="image",
        advanced=True,
        ge=0.0,
        le=8.0,
        answers=("label", "labels", "number"),
    )
    r_drop: float = setting(
        0.0,
        "regularise",
        N_("R-Drop"),
        N_(
            "Runs every text twice with different dropout and asks for the same answer (Wu et al. 2021). Helps on a "
            "few hundred to a few thousand texts; takes twice the time. 0.5 to 5 is usual, 0 is off. It needs dropout: "
            "where that is set to 0, the model’s own is used."
        ),
        modality="text",
        advanced=True,
        ge=0.0,
        le=100.0,
        answers=("label", "spans", "extract"),
    )
    embedding_noise: float = setting(
        0.0,
        "regularise",
        N_("Embedding noise"),
        N_(
            "Adds a little noise to the word vectors while training (NEFTune, Jain et al. 2023). Helps on little data "
            "at almost no cost, most with large models. 5 is usual, 0 is off."
        ),
        modality="text",
        advanced=True,
        ge=0.0,
        le=100.0,
    )
    weight_averaging: float | None = setting(
        None,
        "regularise",
        N_("Weight averaging"),
        N_(
            "Checks and keeps a running mean of the weights instead of the last ones (Polyak and Juditsky 1992; "
            "Izmailov et al. 2018). Helps when the validation score jumps from check to check. 0.99 to 0.999 for long "
            "runs, less for short ones. Empty: off."
        ),
        advanced=True,
        gt=0.0,
        le=0.99999,
    )

    picture_size: int | None = setting(
        None,
        "data",
        N_("Picture size"),
        N_(
            "The side of the pictures that the model sees. Larger shows more detail and takes four times the time for "
            "twice the side. Some models read one size only. Empty: the size that the model was made with; for a new "
            "detector 256, for a thorough one 320."
        ),
        unit=N_("pixels"),
        modality="image",
        advanced=True,
        ge=32,
        le=2048,
    )
    progressive_resizing: bool = setting(
        False,
        "data",
        N_("Small pictures first"),
        N_(
            "Learns from small pictures in the first third of the run, from larger ones in the second and from whole "
            "ones in the last (progressive resizing). Saves about a third of the time of full tuning; checks always "
            "see whole pictures. It needs a run that is not stopped early, and a model that reads any size."
        ),
        modality="image",
        advanced=True,
        answers=("label", "labels", "number"),
    )

    @property
    def changes_inputs(self) -> bool:
        """Whether something changes what lower layers see from epoch to epoch, so that none can be stored."""
        mixes = self.mixup > 0 or self.cutmix > 0
        grows = self.progressive_resizing
        return self.augmentation != "none" or grows or mixes or self.embedding_noise > 0 or self.r_drop > 0

"""“What will happen”: a run's settings told as sentences, in the user's terms."""

from __future__ import annotations

from ftstudio.core.adapters import split_names
from ftstudio.core.presets import Facts
from ftstudio.core.quantities import byte_size, parameter_count, percent
from ftstudio.core.row_words import name_rows
from ftstudio.core.settings import TrainingSettings
from ftstudio.core.specs import Answer, Modality
from ftstudio.core.translation import number, tr, tr_plural
from ftstudio.core.tuning_methods import METHODS
from ftstudio.gui.forms import numbers
from ftstudio.gui.panels.estimate import Estimate, steps_of
from ftstudio.gui.panels.preset_cards import about, rounded_bytes


def sentences(settings: TrainingSettings, facts: Facts, modality: Modality, answer: Answer = Answer.LABEL) -> list[str]:
    """Return what a run with these settings does, one sentence a matter, in the order it happens."""
    tuning = _of_writer(settings, facts) if answer.writes else _tuning(settings, facts)
    told = [tuning, _seeing(settings, facts, modality, answer), _rate(settings), _checks(settings)]
    if answer is Answer.EXTRACT:
        told.append(_pieces(settings))
    elif modality is Modality.TEXT:
        told.append(_lengths(settings, facts))
    else:
        told += _pictures(settings, facts)
    if settings.class_weights == "balanced":
        told.append(tr("Rare classes count as much as frequent ones."))
    return told


def method_in_words(method: str, cost: Estimate | None) -> str:
    """Explain a tuning method in two sentences, and say what a run with it costs here where that is known."""
    words = tr(METHODS[method].summary)
    if cost is None:
        return words
    here = tr("Here: about {time}, {memory}.")
    memory = byte_size(rounded_bytes(cost.memory_bytes))
    return f"{words} {here.format(time=about(cost.seconds), memory=memory)}"


def _tuning(settings: TrainingSettings, facts: Facts) -> str:
    tellers = {"head": _only_head, "top_layers": _top, "gradual": _gradual, "lora": _adapters, "custom": _chosen}
    return tellers.get(settings.tuning_method, _everything)(settings, facts)


def _only_head(settings: TrainingSettings, facts: Facts) -> str:
    return tr("Only a new head learns; the pretrained layers stay as they are.")


def _top(settings: TrainingSettings, facts: Facts) -> str:
    return tr_plural(
        "The head and the topmost block learn.", "The head and the top {count} blocks learn.", settings.top_layers
    ).format(count=settings.top_layers)


def _gradual(settings: TrainingSettings, facts: Facts) -> str:
    words = tr("The head learns first; one more block joins from the top every {pace} epochs.")
    return words.format(pace=numbers.write(settings.gradual_epochs))


def _adapters(settings: TrainingSettings, facts: Facts) -> str:
    words = tr("Adapters of rank {rank} and a new head learn; the pretrained layers stay as they are.")
    return words.format(rank=number(settings.lora_rank))


def _chosen(settings: TrainingSettings, facts: Facts) -> str:
    count = len(split_names(settings.custom_layers))
    return tr_plural("The part you chose learns.", "The {count} parts you chose learn.", count).format(count=count)


def _everything(settings: TrainingSettings, facts: Facts) -> str:
    if facts.parameters:
        words = tr("Every layer learns: {size} parameters and a new head.")
        return words.format(size=parameter_count(facts.parameters))
    return tr("Every layer learns, and a new head.")


def _of_writer(settings: TrainingSettings, facts: Facts) -> str:
    """Say what learns of a model that writes: it has its head already."""
    if settings.tuning_method == "lora":
        words = tr("Adapters of rank {rank} learn; the pretrained layers stay as they are.")
        return words.format(rank=number(settings.lora_rank))
    if settings.tuning_method == "full" and facts.parameters:
        return tr("Every layer learns: {size} parameters.").format(size=parameter_count(facts.parameters))
    return tr("Every layer learns.") if settings.tuning_method == "full" else _tuning(settings, facts)


def _seeing(settings: TrainingSettings, facts: Facts, modality: Modality, answer: Answer) -> str:
    if not facts.rows:
        return name_rows(tr("Every training row is seen {epochs} times.")).format(epochs=numbers.write(settings.epochs))
    template = tr("{rows} training texts are seen {epochs} times, {batch} to a step: {steps} steps.")
    if modality is Modality.IMAGE:
        template = tr("{rows} training pictures are seen {epochs} times, {batch} to a step: {steps} steps.")
    if answer is Answer.EXTRACT:
        template = tr("{rows} training questions are seen {epochs} times, {batch} to a step: {steps} steps.")
    learned = facts.learned_rows(settings)
    if learned != facts.rows:
        template = tr(
            "{rows} training texts are read on in about {blocks} blocks of at most {length} tokens. They are seen "
            "{epochs} times, {batch} blocks to a step: {steps} steps."
        )
    return template.format(
        rows=number(facts.rows),
        blocks=number(learned),
        length=number(settings.max_length),
        epochs=numbers.write(settings.epochs),
        batch=settings.batch_size,
        steps=number(steps_of(settings, learned)),
    )


def _rate(settings: TrainingSettings) -> str:
    peak = numbers.write(settings.learning_rate)
    if settings.schedule == "constant":
        return tr("The learning rate stays at {peak} after the warm-up.").format(peak=peak)
    return tr("The learning rate rises to {peak} over the first {share} and then falls to zero.").format(
        peak=peak, share=percent(settings.warmup)
    )


def _checks(settings: TrainingSettings) -> str:
    if not settings.early_stopping:
        return name_rows(tr("The model is checked on rows it never learns from; the best one is kept."))
    words = tr_plural(
        "The model is checked on rows it never learns from; the best one is kept, and training ends after {count} "
        "check without a gain.",
        "The model is checked on rows it never learns from; the best one is kept, and training ends after {count} "
        "checks without a gain.",
        settings.patience,
    )
    return name_rows(words).format(count=settings.patience)


def _pieces(settings: TrainingSettings) -> str:
    return tr(
        "A question and its passage are read up to {length} tokens; longer passages are read in pieces that overlap."
    ).format(length=number(settings.max_length))


def _pictures(settings: TrainingSettings, facts: Facts) -> list[str]:
    side, told = number(facts.side_read(settings)), list[str]()
    if facts.side_read(settings):
        told.append(tr("Pictures are read at {side} × {side} pixels.").format(side=side))
    if settings.augmentation != "none":
        told.append(tr("Each picture is changed a little every time it is seen."))
    return told


def _lengths(settings: TrainingSettings, facts: Facts) -> str:
    beyond = {
        "head": tr("of longer texts the beginning is read"),
        "tail": tr("of longer texts the end is read"),
        "both": tr("of longer texts beginning and end are read"),
        "drop": tr("longer texts are left out of training"),
    }
    told = beyond[settings.long_text]
    if settings.long_text != "drop" and max(facts.text_lengths, default=0) > 1:  # else they are conversations
        told = tr("longer ones are read on in blocks")
    return tr("Texts are read up to {length} tokens; {beyond}.").format(length=number(settings.max_length), beyond=told)

"""The parts of a report in their order: what a run reached, where it goes wrong, what it was made from and how."""

from __future__ import annotations

from collections.abc import Sequence

from ftstudio.core.quantities import byte_size, duration, percent, rate, score
from ftstudio.core.setting_words import value_in_words
from ftstudio.core.settings import fields
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, number, tr
from ftstudio.core.tuning_methods import matters
from ftstudio.planning.quality import intervals
from ftstudio.planning.reporting import charts
from ftstudio.planning.reporting.markup import Child, Html, join, tag
from ftstudio.planning.reporting.material import Material

SPLITS = {"train": N_("training"), "validation": N_("validation"), "test": N_("test")}
PRESETS = {"quick": N_("Quick"), "balanced": N_("Balanced"), "thorough": N_("Thorough")}
MOST_CELLS = 30
MOST_LABELS = 200


def result(material: Material) -> Html:
    """Return the big number with its interval and what it is to be compared with."""
    rows = sum(map(sum, material.tables.get("confusion") or []))
    known = _intervals(material)
    accuracy = material.metrics.get("accuracy")
    told: list[Child] = []
    if accuracy is not None:
        low, high = known.get("accuracy") or intervals.of_share(accuracy, rows)
        told.append(tag("p", percent(accuracy, 1), class_="big"))
        told.append(_paragraph(
            tr("right answers on {rows} {split} rows it had never seen; {low} to {high} with 95 % certainty").format(
                rows=number(rows), split=tr(SPLITS[material.split]), low=percent(low, 1), high=percent(high, 1)
            )
        ))  # fmt: skip
    baseline = material.tables.get("baseline") or {}
    if "accuracy" in baseline:
        words = tr("Always answering “{label}” would be right for {share}.")
        told.append(_paragraph(words.format(label=baseline.get("label", ""), share=percent(baseline["accuracy"], 1))))
    told += [_paragraph(charts.sentence(material.document.get(key)), "muted") for key in ("kept_because",
             "stopped_because", "made_whole", "forgetting")]  # fmt: skip
    metrics = {spec.key: tr(spec.title) for spec in material.task.metrics}
    lines = [
        [title, _figure(score(material.metrics[key])), _figure(_between(known.get(key)))]
        for key, title in {**metrics, "loss": tr("Loss")}.items()
        if key in material.metrics
    ]
    told.append(_table([tr("score"), tr("value"), tr("95 % interval")], lines, figures=(1, 2)))
    return _section(tr("Result"), *told)


def doctor(material: Material) -> Html | None:
    """Return what the doctor held of the run."""
    verdict = material.verdict
    if verdict is None:
        return None
    evidence = [tag("li", one.render()) for one in verdict.evidence]
    mood = verdict.mood if verdict.mood in ("good", "warning", "error") else ""
    words = [tag("p", verdict.sentence.render()), tag("ul", *evidence) if evidence else None]
    return _section(tr("What the doctor says"), tag("div", *words, class_=f"note {mood}".strip()))


def curves(material: Material) -> Html | None:
    """Return how loss and score went during training."""
    drawn = charts.of_training(material)
    return _section(tr("Training"), tag("div", *drawn, class_="charts")) if drawn else None


def mistakes(material: Material) -> Html | None:
    """Return the scores by label and the confusion matrix."""
    rows = material.tables.get("per_class") or []
    if not rows:
        return None
    lines = [
        [str(row["label"]), _figure(number(int(row["rows"]))), *(_figure(score(float(row[key])))
         for key in ("precision", "recall", "f1"))]
        for row in rows[:MOST_LABELS]
    ]  # fmt: skip
    headers = [tr("label"), tr("rows"), tr("precision"), tr("recall"), "F1"]
    told: list[Child] = [_table(headers, lines, figures=(1, 2, 3, 4)), _confusion(material)]
    return _section(tr("By label, on {split} rows").format(split=tr(SPLITS[material.split])), *told)


def trust(material: Material) -> Html | None:
    """Return whether it is right as often as it claims, the curves over thresholds, and how it decides."""
    drawn = charts.of_quality(material)
    told = [_paragraph(words) for words in charts.decision_in_words(material)]
    if not drawn and not told:
        return None
    return _section(tr("How far its probabilities can be trusted"), tag("div", *drawn, class_="charts"), *told)


def data(material: Material) -> Html | None:
    """Return counts of the data, never rows."""
    dataset = material.dataset
    if dataset is None:
        return None
    counts = {split: dataset.label_counts(split) for split in Split}
    labels = sorted({label for found in counts.values() for label in found})
    lines: list[list[Child]] = [
        [label, *(_figure(number(counts[split].get(label, 0))) for split in Split)] for label in labels[:MOST_LABELS]
    ]
    lines.append([tag("b", tr("all")), *(_figure(number(dataset.count(split))) for split in Split)])
    headers = [tr("label"), *(tr(SPLITS[split.value]) for split in Split)]
    told: list[Child] = [_table(headers, lines, figures=(1, 2, 3))]
    for problem in material.problems:
        mood = {"error": "error", "warning": "warning"}.get(problem.severity.value, "")
        hint = tag("p", problem.hint.render(), class_="muted") if problem.hint else None
        told.append(tag("div", tag("p", problem.message.render()), hint, class_=f"note {mood}".strip()))
    if not material.problems:
        told.append(_paragraph(tr("The checks found no problems in the data.")))
    return _section(tr("Data"), *told)


def settings(material: Material) -> Html | None:
    """Return the settings that are not the plain defaults: who chose each, and why."""
    request = material.run.request
    if request is None:
        return None
    mine = request.overrides.values
    lines: list[list[Child]] = []
    for field in fields():
        value = request.settings.get(field.key)
        known = field.concerns(material.task.modality.value, material.task.answer.value)
        if value is None or not known or not matters(field.key, str(request.settings.get("tuning_method", ""))):
            continue
        if field.key in mine or (value != field.default and field.key != "preset"):
            reason = material.reasons.get(field.key)
            who = tr("you") if field.key in mine else tr("preset")
            why = reason.render() if reason is not None and field.key not in mine else ""
            lines.append([tr(field.title), value_in_words(field, value), who, tag("span", why, class_="muted")])
    about = tr("Preset “{preset}”. Settings that are not listed are at their defaults.")
    told = [_paragraph(about.format(preset=tr(PRESETS[request.overrides.preset])), "muted")]
    headers = [tr("setting"), tr("value"), tr("chosen by"), tr("why")]
    return _section(tr("Settings"), *told, _table(headers, lines))


def about(material: Material) -> Html:
    """Return the facts of the run and of what computed it."""
    run, document, found = material.run, material.document, material.environment
    packages = found.get("packages") or {}
    versions = [("Fine-Tuning Studio", found.get("ftstudio")), ("Python", found.get("python")), *packages.items()]
    facts = [
        (tr("Run"), run.id),
        (tr("Model"), run.request.model.name if run.request else ""),
        (tr("Began"), run.status.started[:16].replace("T", " ")),
        (tr("Training time"), duration(float(document.get("seconds") or run.status.seconds))),
        (tr("Speed"), rate(float(document.get("samples_per_second") or 0.0))),
        (tr("Memory at most"), byte_size(float(document.get("peak_memory_bytes") or 0))),
        (tr("Broken pictures left out"), ", ".join(document.get("left_out") or [])),
        (tr("Computed on"), f"{document.get('device', '')}, {document.get('precision', '')}".strip(", ")),
        (tr("System"), str(found.get("system") or "")),
        (tr("Versions"), ", ".join(f"{name} {version}" for name, version in versions if version)),
    ]
    told: list[Child] = [_table([], [[name, value] for name, value in facts if value])]
    if run.notes.notes:
        told += [tag("h2", tr("Notes")), *(_paragraph(line) for line in run.notes.notes.splitlines() if line.strip())]
    return _section(tr("The run"), *told)


def _confusion(material: Material) -> Html | None:
    """Return the matrix as a table whose cells are shaded by the share of their row."""
    matrix, labels = material.tables.get("confusion") or [], material.labels
    if not matrix:
        return None
    if len(matrix) > MOST_CELLS:
        return _paragraph(tr("The confusion matrix has too many labels for a page; the window shows it."), "muted")
    head = tag("tr", tag("th", tr("truth ↓  answer →")), *(tag("th", label, class_="cell") for label in labels))
    lines = []
    for label, counts in zip(labels, matrix, strict=False):
        total = max(1, sum(counts))
        cells = [tag("td", number(int(count)), class_="cell",
                     style=f"background-color: rgba(var(--shade), {0.55 * count / total:.2f})")
                 for count in counts]  # fmt: skip
        lines.append(tag("tr", tag("td", label), *cells))
    return tag("div", tag("table", tag("thead", head), tag("tbody", *lines)), class_="scroll")


def _intervals(material: Material) -> dict[str, intervals.Interval]:
    """Return the intervals of the scores shown, which are those of the model as it was trained."""
    measured = (material.document.get("intervals") or {}).get(material.split)
    if measured:
        return {key: (float(low), float(high)) for key, (low, high) in measured.items()}
    if material.answers is None:
        return {}
    mine = material.answers.of(Split(material.split))
    return intervals.of_scores(
        material.answers.label[mine], material.answers.predicted[mine], material.answers.loss[mine]
    )


def _between(interval: intervals.Interval | None) -> str:
    if interval is None:
        return "–"
    return tr("{low} to {high}").format(low=score(interval[0]), high=score(interval[1]))


def _section(title: str, *children: Child) -> Html:
    return tag("section", tag("h2", title), *children)


def _paragraph(words: str, kind: str | None = None) -> Html:
    return tag("p", words, class_=kind) if words else join(())


def _figure(words: str) -> Html:
    return tag("span", words, class_="figure")


def _table(headers: Sequence[str], lines: Sequence[Sequence[Child]], figures: Sequence[int] = ()) -> Html:
    """Return a table; `figures` are the numbers of the columns that are aligned at the right."""

    def cell(kind: str, at: int, child: Child) -> Html:
        return tag(kind, child, class_="figure" if at in figures else None)

    head = tag("tr", *(cell("th", at, title) for at, title in enumerate(headers)))
    body = [tag("tr", *(cell("td", at, child) for at, child in enumerate(line))) for line in lines]
    return tag("div", tag("table", tag("thead", head) if headers else None, tag("tbody", *body)), class_="scroll")

"""The answers that went most wrong, as part of a report: only when asked for, because they are rows of the data."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from ftstudio.core.quantities import percent
from ftstudio.core.specs import ColumnRole
from ftstudio.core.states import Split
from ftstudio.core.translation import N_, number, tr
from ftstudio.datasets.pictures import load
from ftstudio.planning.reporting.markup import Child, Html, tag
from ftstudio.planning.reporting.material import Material
from ftstudio.planning.sample_choice import Choice, choose, positions_in

LONGEST = 700
EDGE = 320
_WARNING = N_("This part holds rows of your data. Leave it out when the report goes to somebody who may not see them.")


def worst(material: Material, count: int) -> Html | None:
    """Return the `count` rows whose right label surprised the model most; None for none."""
    answers, dataset = material.answers, material.dataset
    if count < 1 or answers is None or dataset is None:
        return None
    chosen = choose(answers, Choice(split=Split(material.split)))[:count]
    positions = positions_in(dataset.view, answers)
    lines = []
    for at in chosen.tolist():
        truth = answers.labels[answers.label[at]] if answers.label[at] >= 0 else ""
        given = answers.labels[answers.predicted[at]]
        sure = percent(float(answers.confidence[at]), 1)
        told = [tag("b", tr("Row {number}").format(number=number(int(answers.row[at])))), tag("br"),
                tr("truth: {label}").format(label=truth), tag("br"),
                tr("answer: {label}, {sure} sure").format(label=given, sure=sure)]  # fmt: skip
        lines.append(tag("tr", tag("td", *told), tag("td", _content(material, int(positions[at])))))
    if not lines:
        return None
    head = tag("h2", tr("The answers that went most wrong"))
    return tag("section", head, tag("p", tr(_WARNING), class_="muted"), tag("table", tag("tbody", *lines)))


def _content(material: Material, position: int) -> Child:
    if material.dataset is None:
        return None
    view = material.dataset.view
    if view.has(ColumnRole.IMAGE):
        return _picture(material, str(view.column(ColumnRole.IMAGE)[position].as_py() or ""))
    texts = [str(view.column(role)[position].as_py() or "") for role in (ColumnRole.TEXT, ColumnRole.TEXT_PAIR)
             if view.has(role)]  # fmt: skip
    return [tag("p", words if len(words) <= LONGEST else words[:LONGEST] + "…") for words in texts]


def _picture(material: Material, relative: str) -> Child:
    """Return a small copy of a picture within the page itself."""
    if material.dataset is None:
        return None
    try:
        picture = load(material.dataset.image_path(relative))
    except (OSError, MemoryError):
        return tr("This picture cannot be read.")
    picture.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=85)
    return tag("img", src=f"data:image/jpeg;base64,{base64.b64encode(data.getvalue()).decode()}", class_="sample",
               alt=tr("Picture"), width=int(np.clip(picture.width, 48, 160)))  # fmt: skip

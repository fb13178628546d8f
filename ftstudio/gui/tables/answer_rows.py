"""A model's answers as rows to show: each with its text or picture, the truth, and what the model said."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ftstudio.core.samples import Shown
from ftstudio.core.specs import ColumnRole
from ftstudio.datasets.view import View
from ftstudio.planning.answers import Answers
from ftstudio.planning.sample_choice import positions_in

BETWEEN = "\n\n"


class AnswerRows:
    """Some answers in an order: `chosen` are their numbers. Texts are read when a row is fetched."""

    def __init__(self, answers: Answers, view: View, chosen: NDArray[np.int64]) -> None:
        self.answers, self.view, self.chosen = answers, view, chosen
        self._positions = positions_in(view, answers)

    def __len__(self) -> int:
        return len(self.chosen)

    def fetch(self, start: int, count: int) -> list[dict[str, Any]]:
        """Return some rows for a list; see `core.samples.Shown` for the whole of one."""
        numbers = self.chosen[start : start + count]
        texts, pairs = self._column(ColumnRole.TEXT, numbers), self._column(ColumnRole.TEXT_PAIR, numbers)
        pictures = self._column(ColumnRole.IMAGE, numbers)
        labels, answers = self.answers.labels, self.answers
        return [
            {
                "text": BETWEEN.join(one for one in (text, pair) if one),
                "picture": picture,
                "truth": labels[answers.label[at]] if answers.label[at] >= 0 else "",
                "prediction": labels[answers.predicted[at]],
                "confidence": float(answers.confidence[at]),
                "right": bool(answers.predicted[at] == answers.label[at]),
                "known": bool(answers.known[at]),
                "row": int(answers.row[at]),
            }
            for at, text, pair, picture in zip(numbers, texts, pairs, pictures, strict=True)
        ]

    def shown(self, row: int) -> Shown:
        """Return one row whole, with the probabilities of all labels."""
        found, at = self.fetch(row, 1)[0], self.chosen[row]
        shares = self.answers.probabilities[at].tolist()
        return Shown(
            row=found["row"],
            text=found["text"],
            picture=found["picture"],
            truth=found["truth"],
            prediction=found["prediction"],
            probabilities=dict(zip(self.answers.labels, shares, strict=True)),
            known=found["known"],
        )

    def texts(self, row: int) -> list[str]:
        """Return the text of a row, or both texts of a pair."""
        numbers = self.chosen[row : row + 1]
        roles = [role for role in (ColumnRole.TEXT, ColumnRole.TEXT_PAIR) if self.view.has(role)]
        return [self._column(role, numbers)[0] for role in roles]

    def _column(self, role: ColumnRole, numbers: NDArray[np.int64]) -> list[str]:
        if not self.view.has(role):
            return [""] * len(numbers)
        column = self.view.column(role)
        # One by one: `take` would put a column that lies in many pieces together first.
        return [column[at].as_py() or "" for at in self._positions[numbers].tolist()]

"""What `ftstudio predict` prints of models that write."""

from __future__ import annotations

from ftstudio.cli.commands import predict

NO_PLACES = {"probabilities": {}, "known": True, "spans": [], "labels": [], "number": None, "boxes": None}


def test_a_text_of_nothing_is_no_place_that_was_not_found() -> None:
    answers = [
        {"input": "05.10.1916", "label": "", **NO_PLACES},
        {"input": "6.10.1916", "label": "6 Oct", **NO_PLACES},
    ]

    shown = predict.show({"task": "text2text-generation", "predictions": answers})

    assert shown == ["05.10.1916", "", "The model wrote nothing.", "", "6.10.1916", "", "6 Oct", ""]


def test_a_text_without_places_says_that_nothing_was_found() -> None:
    shown = predict.show({"task": "token-classification", "predictions": [{"input": "a b", "label": "", **NO_PLACES}]})

    assert "nothing found" in "\n".join(shown)


def test_none_of_several_labels_says_how_sure_that_is() -> None:
    none = {**NO_PLACES, "probabilities": {"a": 0.2, "b": 0.05}}

    shown = predict.show({"task": "text-classification", "predictions": [{"input": "x", "label": "[]", **none}]})

    assert "80.0 %" in "\n".join(shown)

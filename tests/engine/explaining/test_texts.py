"""Words of texts are weighed by models of every family, and the words that a model learned to go by are found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch

from ftstudio.core.errors import InputError
from ftstudio.core.states import Split
from ftstudio.datasets.store import Dataset
from ftstudio.engine.explaining.explain import explain
from ftstudio.engine.explaining.methods import integrated_gradients, occlusion
from ftstudio.engine.explaining.path_gradients import LARGEST_GAP
from ftstudio.engine.explaining.subject import log_odds, score
from ftstudio.engine.explaining.words import Words
from ftstudio.engine.inference import answering
from ftstudio.project.runs import find_run
from tests.engine.explaining.making import trained
from tests.engine.projects import SIGNS, Tiny

TASK = "text-classification"
TEXT = "The film, a  lovely story\nof stone."
FAMILIES = ("tiny_text_model", "tiny_sentence_encoder", "tiny_distilbert", "tiny_roberta", "tiny_gpt2")


@pytest.mark.parametrize("family", FAMILIES)
def test_the_weights_of_words_add_up_to_the_score(family: str, request: pytest.FixtureRequest) -> None:
    model = trained(request.getfixturevalue(family), TASK)
    subject = Words(model, [TEXT])
    weighed = integrated_gradients.weigh(subject, 1)
    embeddings = integrated_gradients._embeddings(subject)
    ids = subject.inputs["input_ids"]
    with torch.no_grad():
        whole = float(score(subject, subject.inputs, 1))
        empty = integrated_gradients._without_words(subject, ids)
        assert embeddings is not None and (empty != ids).sum() >= subject.parts
        handle = embeddings.register_forward_hook(lambda module, inputs, output: module.forward(empty))
        start = float(score(subject, subject.inputs, 1))
        handle.remove()
    assert abs(whole - start) > 0.03
    assert weighed.weights.sum() == pytest.approx(whole - start, abs=LARGEST_GAP * max(abs(whole - start), 0.1) + 1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_pieces_are_the_text(family: str, request: pytest.FixtureRequest) -> None:
    found = explain(trained(request.getfixturevalue(family), TASK), TEXT)
    assert "".join(piece for piece, _ in found.pieces) == TEXT
    assert all(weight == 0.0 for piece, weight in found.pieces if not piece.strip())
    assert sum(weight != 0.0 for _, weight in found.pieces) >= 6
    assert found.method == "integrated_gradients" and found.gap is not None


def test_taking_words_out_leaves_the_others_as_they_stand(tiny_text_model: Path) -> None:
    subject = Words(trained(tiny_text_model, TASK), [TEXT])
    words = [TEXT[word.start : word.end] for word in subject.words]
    assert words == ["The", "film,", "a", "lovely", "story", "of", "stone."]
    gone = np.isin(np.arange(7), (1, 6))
    assert subject._cut(gone) == ("The  a  lovely story\nof ",)


def test_leaving_a_word_out_weighs_what_the_model_says_without_it(tiny_text_model: Path) -> None:
    model = trained(tiny_text_model, TASK)
    weighed = occlusion.weigh(Words(model, ["good film"]), 2)
    both, film = (
        log_odds(model.feed(_table(one), Path()).logits(_batch(model, one)).detach().numpy(), 2)[0]
        for one in ("good film", " film")
    )
    assert weighed.weights[0] == pytest.approx(both - film, abs=1e-4)


def _table(text: str) -> pa.Table:
    return pa.table({"text": [text]})


def _batch(model: answering.Trained, text: str):
    return model.feed(_table(text), Path()).batch([0])


def test_words_beyond_what_the_model_reads_weigh_nothing(tiny_text_model: Path) -> None:
    model = trained(tiny_text_model, TASK, max_length=16)
    subject = Words(model, [" ".join(["good", "film"] * 20)])
    weights = integrated_gradients.weigh(subject, 0).weights
    assert subject.worth.tolist() == [True] * 14 + [False] * 26
    assert (weights[:14] != 0).all() and (weights[14:] == 0).all()


def test_the_end_of_a_long_text_is_weighed_where_the_model_reads_the_end(tiny_text_model: Path) -> None:
    model = trained(tiny_text_model, TASK, max_length=16, long_text="tail")
    assert Words(model, [" ".join(["good"] * 40)]).worth.tolist() == [False] * 26 + [True] * 14


def test_both_texts_of_a_pair_are_weighed(tiny_text_model: Path) -> None:
    found = explain(trained(tiny_text_model, TASK), "good film", pair="dull story")
    assert "".join(piece for piece, _ in found.pieces) == "good film\n\ndull story"
    assert [piece for piece, weight in found.pieces if weight] == ["good", "film", "dull", "story"]


def test_signs_written_without_spaces_are_words_of_their_own(tiny_text_model: Path) -> None:
    subject = Words(trained(tiny_text_model, TASK), ["很好 film"])
    assert [subject.texts[0][word.start : word.end] for word in subject.words] == ["很", "好", "film"]


def test_another_label_than_the_answer_can_be_explained(tiny_text_model: Path) -> None:
    model = trained(tiny_text_model, TASK)
    answer = explain(model, TEXT)
    other = next(label for label in model.bundle.labels if label != answer.label)
    assert explain(model, TEXT, other).label == other
    assert explain(model, TEXT, other).probability < answer.probability


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"value": "  \n"}, "nothing to explain"),
        ({"value": "good", "label": "great"}, "knows no label"),
        ({"value": "good", "method": "grad_cam"}, "cannot explain this model"),
    ],
)
def test_what_cannot_be_explained_is_said(options: dict[str, str], words: str, tiny_text_model: Path) -> None:
    with pytest.raises(InputError, match=words) as caught:
        explain(trained(tiny_text_model, TASK), **options)
    assert caught.value.hint is not None


def test_the_words_that_a_model_learned_to_go_by_are_marked(text_project: Tiny) -> None:
    """Each text has one sign of its class among words that mean nothing; what was answered right was answered by it."""
    text_project.train(epochs=20.0, learning_rate=5e-3, tuning_method="full")
    model = answering.load(find_run(text_project.layout, None))
    table = Dataset.open(text_project.layout.data).table(Split.TEST)
    rows = list(zip(table["text"].to_pylist(), table["label"].to_pylist(), strict=True))
    for method in ("integrated_gradients", "occlusion"):
        found = [(explain(model, text, method=method), label) for text, label in rows]
        right = [one for one, label in found if one.label == label]
        hits = [max(one.pieces, key=lambda piece: piece[1])[0] in SIGNS[one.label].split() for one in right]
        held = [one.faithfulness is not None and one.faithfulness.holds for one in right]
        assert len(right) >= 0.6 * len(rows)
        assert np.mean(hits) >= 0.7 and np.mean(held) >= 0.8, (method, hits, held)


@pytest.mark.parametrize("long_text", ["head", "tail", "both"])
def test_an_endless_text_is_explained_by_what_can_be_read_of_it(long_text: str, tiny_text_model: Path) -> None:
    model = trained(tiny_text_model, TASK, max_length=16, long_text=long_text)
    book = " ".join(("good", "film", "and", "story", "a", "dull", "plot")[number % 7] for number in range(200_000))

    found = explain(model, book)

    assert found.probability == pytest.approx(max(model.predict([book])[0].probabilities.values()), abs=1e-5)
    written = "".join(piece for piece, _ in found.pieces)
    assert len(written) < 50_000 and "…" in written
    assert any(weight for _, weight in found.pieces)

"""What `train` prints of the doctor's verdict, and what its document holds."""

from __future__ import annotations

import pytest

from ftstudio.cli.progress import ProgressLine
from ftstudio.cli.verdict import verdict_lines, written_out
from ftstudio.core.advice import Advice, Remedy
from ftstudio.core.messages import Diagnosed
from ftstudio.core.text import text

ADVICE = Advice(
    code="overfitting",
    mood="warning",
    sentence=text("It overfits since step {step}.", step=40),
    evidence=(text("The loss is {loss}.", loss=0.25),),
    remedies=(Remedy(label=text("Stop"), action="stop"),),
)


def test_the_document_has_the_sentences_written_out() -> None:
    said = [{"step": 40, "code": "overfitting", "done": ""}]

    written = written_out({"step": 60, "advice": ADVICE.model_dump(mode="json"), "said": said})

    assert written is not None
    assert written["said"] == said
    assert written["advice"]["sentence"] == "It overfits since step 40."
    assert written["advice"]["remedies"] == [{"label": "Stop", "action": "stop", "values": {}}]
    assert verdict_lines(written) == ["It overfits since step 40.", "  · The loss is 0.25.", ""]


def test_the_terminal_tells_it_as_soon_as_it_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine(bar=False)

    line(Diagnosed(step=60, advice=(ADVICE,)))
    line(Diagnosed(step=60, advice=(ADVICE,), done="stop"))

    assert capsys.readouterr().err == "! It overfits since step 40.\n"


def test_a_run_without_a_verdict_prints_nothing() -> None:
    assert written_out(None) is None
    assert verdict_lines(None) == []

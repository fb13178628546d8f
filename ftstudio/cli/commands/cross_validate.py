"""`ftstudio cross-validate DIR`: how good the settings are, whichever rows are held back; then a final model."""

from __future__ import annotations

import argparse
from typing import Any

from ftstudio.cli.looks import look, look_lines
from ftstudio.cli.studies import verb_of
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_

SPEC = VerbSpec(key="cross-validate", summary=N_("train once a fold, then a final model on all rows"))

_VERB = verb_of("cross_validate")
configure = _VERB.configure


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the study's document; the test score of the final model is a look at the test rows."""
    document = _VERB.run(arguments)
    looks = look(arguments.project, SPEC.key, [document["run"]]) if document["test"] else None
    return {**document, "test_looks": looks}


def show(document: dict[str, Any]) -> list[str]:
    """Return the advice and the tables."""
    return [*_VERB.show(document), *look_lines(document)]

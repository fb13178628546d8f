"""`ftstudio cross-validate DIR`: how good the settings are, whichever rows are held back; then a final model."""

from __future__ import annotations

from ftstudio.cli.studies import verb_of
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_

SPEC = VerbSpec(key="cross-validate", summary=N_("train once a fold, then a final model on all rows"))

_VERB = verb_of("cross_validate")
configure, run, show = _VERB.configure, _VERB.run, _VERB.show

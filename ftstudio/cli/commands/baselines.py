"""`ftstudio baselines DIR`: what simple ways of answering score on the project's rows."""

from __future__ import annotations

from ftstudio.cli.studies import verb_of
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_

SPEC = VerbSpec(key="baselines", summary=N_("score simple answers that training has to beat"))

_VERB = verb_of("baselines")
configure, run, show = _VERB.configure, _VERB.run, _VERB.show

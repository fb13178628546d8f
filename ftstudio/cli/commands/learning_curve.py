"""`ftstudio learning-curve DIR`: whether more data would help, how much, and for which class most."""

from __future__ import annotations

from ftstudio.cli.studies import verb_of
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_

SPEC = VerbSpec(key="learning-curve", summary=N_("forecast what more data would bring"))

_VERB = verb_of("learning_curve")
configure, run, show = _VERB.configure, _VERB.run, _VERB.show

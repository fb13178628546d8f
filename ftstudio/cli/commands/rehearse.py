"""`ftstudio rehearse DIR`: what a training run will need, measured, and whether it is there."""

from __future__ import annotations

from ftstudio.cli.studies import verb_of
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_

SPEC = VerbSpec(key="rehearse", summary=N_("measure what training will need, and whether it fits"))

_VERB = verb_of("rehearse")
configure, run, show = _VERB.configure, _VERB.run, _VERB.show

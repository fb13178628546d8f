"""`ftstudio find-lr DIR`: which learning rate suits the project's model, data and settings."""

from __future__ import annotations

from ftstudio.cli.studies import verb_of
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_

SPEC = VerbSpec(key="find-lr", summary=N_("find the learning rate by a short test with a rising one"))

_VERB = verb_of("find_lr")
configure, run, show = _VERB.configure, _VERB.run, _VERB.show

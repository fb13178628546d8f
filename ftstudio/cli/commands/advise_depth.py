"""`ftstudio advise-depth DIR`: which layers of the project's model must learn, and which may rest."""

from __future__ import annotations

from ftstudio.cli.studies import verb_of
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_

SPEC = VerbSpec(
    key="advise-depth", summary=N_("see at which depth the model tells the classes apart, and what may rest")
)

_VERB = verb_of("advise_depth")
configure, run, show = _VERB.configure, _VERB.run, _VERB.show

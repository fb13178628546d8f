"""`ftstudio find-label-errors DIR`: which labels are probably wrong, the most doubtful rows first."""

from __future__ import annotations

from ftstudio.cli.studies import verb_of
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_

SPEC = VerbSpec(key="find-label-errors", summary=N_("list labels that are probably wrong"))

_VERB = verb_of("find_label_errors")
configure, run, show = _VERB.configure, _VERB.run, _VERB.show

"""`ftstudio audit-leaks DIR`: rows of the test and validation data that occur again in the training data."""

from __future__ import annotations

from ftstudio.cli.studies import verb_of
from ftstudio.core.specs import VerbSpec
from ftstudio.core.translation import N_

SPEC = VerbSpec(key="audit-leaks", summary=N_("find rows of the test data that are also in the training data"))

_VERB = verb_of("audit_leaks")
configure, run, show = _VERB.configure, _VERB.run, _VERB.show

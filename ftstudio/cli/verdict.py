"""What the doctor holds of a run, for the verbs: in the document of `--json`, and as lines."""

from __future__ import annotations

from typing import Any

from ftstudio.core.advice import Advice


def written_out(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the diagnosis of a run's report with its sentences in the language in use; None stays None."""
    return {**found, "advice": Advice.model_validate(found["advice"]).as_json()} if found else None


def verdict_lines(diagnosis: dict[str, Any] | None) -> list[str]:
    """Return the sentence and its evidence, with an empty line below; nothing where there is no diagnosis."""
    if not diagnosis:
        return []
    advice = diagnosis["advice"]
    return [advice["sentence"], *(f"  · {one}" for one in advice["evidence"]), ""]

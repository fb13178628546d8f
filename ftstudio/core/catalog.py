"""Finds tasks, exporters, readers, jobs and verbs by walking their packages: a new one is one new file.

A module that cannot be imported is remembered as a failure with its reason and never stops the others.
"""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from ftstudio.core.errors import InputError
from ftstudio.core.specs import StudySpec
from ftstudio.core.text import text


@dataclass(frozen=True)
class Failure:
    """A module of a catalogue that could not be imported, and why."""

    module: str
    reason: str
    details: str


class Catalog:
    """The entries of some packages, each a module with a `SPEC` that has a unique `key`."""

    def __init__(self, *packages: str) -> None:
        self.package = packages[0]
        self.failures: list[Failure] = []
        self._modules: dict[str, ModuleType] = {}
        for package in packages:
            for info in pkgutil.iter_modules(importlib.import_module(package).__path__):
                if not info.name.startswith("_"):
                    self._add(f"{package}.{info.name}")

    def _add(self, name: str) -> None:
        try:
            module = importlib.import_module(name)
            key = module.SPEC.key
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            self.failures.append(Failure(name, reason, traceback.format_exc()))
            return
        if key in self._modules:
            raise ValueError(f"{name} and {self._modules[key].__name__} both claim the key {key!r}")
        self._modules[key] = module

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def __iter__(self) -> Iterator[Any]:
        """Yield the specs in the order of their keys."""
        return (self._modules[key].SPEC for key in sorted(self._modules))

    def keys(self) -> list[str]:
        """Return all keys, sorted."""
        return sorted(self._modules)

    def spec(self, key: str) -> Any:
        """Return the spec of `key`; raises `InputError` naming the alternatives."""
        return self.module(key).SPEC

    def module(self, key: str) -> ModuleType:
        """Return the module behind `key`; raises `InputError` naming the alternatives."""
        try:
            return self._modules[key]
        except KeyError:
            raise InputError(
                text("There is nothing called “{key}” here.", key=key),
                text("Choose one of: {choices}.", choices=", ".join(self.keys())),
                field=self.package.rpartition(".")[2],
            ) from None


@cache
def tasks() -> Catalog:
    """Return what models can be fine-tuned for."""
    return Catalog("ftstudio.tasks")


@cache
def exporters() -> Catalog:
    """Return the forms in which a trained model can leave the program."""
    return Catalog("ftstudio.exporters")


@cache
def readers() -> Catalog:
    """Return the forms in which labelled data can come."""
    return Catalog("ftstudio.datasets.readers")


@cache
def jobs() -> Catalog:
    """Return the procedures a worker can run, studies among them."""
    return Catalog("ftstudio.engine.jobs", "ftstudio.studies")


@cache
def studies() -> Catalog:
    """Return what can be measured about a project outside its runs."""
    return Catalog("ftstudio.studies")


def studies_in_order() -> list[StudySpec]:
    """Return the studies in the order they are advised."""
    return sorted(studies(), key=lambda spec: spec.order)


@cache
def verbs() -> Catalog:
    """Return the verbs of the command line."""
    return Catalog("ftstudio.cli.commands")

"""The frozen lower part of a model: what comes out of it, and how to run the rest from that.

The boundary is the first module that learns. What enters it is captured in one pass; later the same is put in its
place, and the frozen modules, whose work is then not needed, hand something of the right shape through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from ftstudio.core.module_tree import Part
from ftstudio.engine.layers.freezing import LayerPlan
from ftstudio.engine.layers.modules import leaves_of, module_of

Run = Callable[[], Any]


class _Captured(Exception):  # noqa: N818  (control flow: ends a forward pass early)
    pass


class Prefix:
    """One way to leave out the modules `frozen` below `boundary`.

    `direct` means that the boundary is all that learns, so that it is called by itself. With `gives` the first of
    the frozen modules answers with something shaped like the features; otherwise all pass on what they were given.
    """

    def __init__(self, boundary: nn.Module, frozen: list[nn.Module], *, direct: bool = False, gives: bool = True):
        self.boundary, self.frozen, self.direct, self.gives = boundary, frozen, direct, gives

    def capture(self, run: Run) -> Tensor:
        """Call `run` (a forward pass) until the boundary; return what entered it, shape [rows, ...]."""
        caught: list[Tensor] = []

        def stop(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
            caught.append(args[0] if args else kwargs["hidden_states"])
            raise _Captured

        handle = self.boundary.register_forward_pre_hook(stop, with_kwargs=True)
        try:
            run()
        except _Captured:
            pass
        finally:
            handle.remove()
        return caught[0]

    @contextmanager
    def replaced(self, features: Tensor) -> Iterator[None]:
        """Let the frozen modules do nothing, and let the boundary be given `features`."""
        originals = [(module, module.__dict__.get("forward")) for module in self.frozen]
        for at, module in enumerate(self.frozen):
            module.forward = _giver(features) if at == 0 and self.gives else _passer
        handle = self.boundary.register_forward_pre_hook(_substitute(features), with_kwargs=True)
        try:
            yield
        finally:
            handle.remove()
            for module, own in originals:
                if own is None:
                    del module.forward
                else:
                    module.forward = own


def candidates(model: nn.Module, plan: LayerPlan, run: Run) -> Iterator[Prefix]:
    """Yield the ways to leave out what is frozen, the cheapest first; none when nothing worth storing is.

    Which of them give the same logits as the whole model is for the caller to try. `run` is a forward pass.
    """
    below = plan.resting_below
    if all(part.kind == "embeddings" for part in below):
        return  # embeddings cost next to nothing to compute, and what comes out of them is large
    boundary = module_of(model, plan.learning[0])
    if boundary is not None and plan.learning == [plan.parts[-1]]:
        yield Prefix(boundary, [], direct=True)
    if boundary is None:
        boundary = _first_called(leaves_of(model, plan.learning), run)
    if boundary is None:
        return
    blocks = [part for part in below if part.kind != "embeddings"]
    yield Prefix(boundary, _modules(model, below, boundary))
    yield Prefix(boundary, _modules(model, blocks, boundary), gives=False)


def _modules(model: nn.Module, parts: list[Part], boundary: nn.Module) -> list[nn.Module]:
    """Return the modules of `parts`, without those that hold more than their part and so cannot be left out."""
    found: list[nn.Module] = []
    for part in parts:
        whole = module_of(model, part)
        found += [whole] if whole is not None else leaves_of(model, [part])
    return [module for module in found if boundary not in set(module.modules())]


def _first_called(modules: list[nn.Module], run: Run) -> nn.Module | None:
    called: list[nn.Module] = []

    def stop(module: nn.Module, _: Any) -> None:
        called.append(module)
        raise _Captured

    handles = [module.register_forward_pre_hook(stop) for module in modules]
    try:
        run()
    except _Captured:
        pass
    finally:
        for handle in handles:
            handle.remove()
    return called[0] if called else None


def _giver(features: Tensor) -> Callable[..., Tensor]:
    """Answer with zeros: an operation in place further on must not reach the features themselves."""
    return lambda *args, **kwargs: torch.zeros_like(features)


def _passer(first: Any = None, *args: Any, **kwargs: Any) -> Any:
    return first if first is not None else kwargs.get("hidden_states")


def _substitute(features: Tensor) -> Callable[..., tuple[tuple[Any, ...], dict[str, Any]]]:
    def substitute(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], Any]:
        return ((features, *args[1:]), kwargs) if args else (args, {**kwargs, "hidden_states": features})

    return substitute

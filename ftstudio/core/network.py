"""Refuses the network to everything in this process, and counts who tried.

The offline switches of the libraries come first; this is the proof that they hold. Sockets inside the computer's
own file system (AF_UNIX) work on: loaders with several processes need them. A run over several processes or
machines, started by `accelerate launch` or torchrun, is the user's explicit wish to use the network between them.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from ftstudio.core.text import Text, text

MOST_TOLD = 5
"""How many attempts of one process are told to people; the log and the count have all."""

_INTERNET = {socket.AF_INET, socket.AF_INET6}


class RefusedConnectionError(ConnectionRefusedError):
    """Raised in whoever tried to use the network."""


def in_words(address: str) -> Text:
    """Return the sentence that tells people of one attempt to reach `address`."""
    return text("Something tried to reach {address}; the connection was refused.", address=address)


class Guard:
    """The number of attempts so far; `on_attempt` is told the address of each, in the thread that tried.

    Refuses from `install` until the process ends, or within a `with` block.
    """

    def __init__(self, on_attempt: Callable[[str], None] = lambda address: None) -> None:
        self._on_attempt = on_attempt
        self._lock = threading.Lock()
        self._replaced: list[tuple[Any, str, Any]] = []
        self.attempts = 0

    def install(self) -> None:
        """Patch the socket module of this process."""
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            return
        for name in ("connect", "connect_ex", "sendto"):
            self._replace(socket.socket, name, self._guarded(getattr(socket.socket, name)))
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            self._replace(socket, name, self._refusing(name))

    def remove(self) -> None:
        """Give the socket module back as it was."""
        while self._replaced:
            setattr(*self._replaced.pop())

    def __enter__(self) -> Guard:
        self.install()
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def _replace(self, owner: Any, name: str, function: Callable[..., Any]) -> None:
        self._replaced.append((owner, name, getattr(owner, name)))
        setattr(owner, name, function)

    def _guarded(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def method(this: socket.socket, *arguments: Any) -> Any:
            if this.family in _INTERNET:
                self._refuse(str(arguments[-1] if arguments else ""))
            return original(this, *arguments)

        return method

    def _refusing(self, name: str) -> Callable[..., Any]:
        def function(*arguments: Any, **_: Any) -> Any:
            self._refuse(str(arguments[0] if arguments else name))

        return function

    def _refuse(self, address: str) -> None:
        with self._lock:
            self.attempts += 1
        self._on_attempt(address)
        raise RefusedConnectionError(f"Fine-Tuning Studio works offline: the connection to {address} was refused")

"""A callback that keeps the messages of long work."""

from __future__ import annotations

from wordloom.loop.callback import Callback


class Messages(Callback):
    """`lines` are the messages in their order."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def on_message(self, message: str) -> None:
        self.lines.append(message)

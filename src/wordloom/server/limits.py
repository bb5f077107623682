"""Limits: how much one request may ask for, and how much the server holds at a time."""

from __future__ import annotations

from dataclasses import dataclass, fields

from wordloom.plain_values import check_ranges


@dataclass(frozen=True)
class Limits:
    """Numbers of 1 or more; what is beyond them is answered with an error that names the limit.

    Parameters
    ----------
    body_bytes : of a request's body
    texts : in a request
    characters : of a text
    explained_characters : of all texts of a request for explanations, which take longer
    seconds : that a request may take to arrive, and then to wait for its turn
    requests : that are being received or wait for their answer, in all
    held_bytes : of the bodies of all these
    connections : that are open, in all
    batch_texts, batch_characters : of requests that wait together, predicted at once
    """

    body_bytes: int = 4_000_000
    texts: int = 1_000
    characters: int = 1_000_000
    explained_characters: int = 20_000
    seconds: float = 30.0
    requests: int = 256
    held_bytes: int = 64_000_000
    connections: int = 1_000
    batch_texts: int = 64
    batch_characters: int = 200_000

    def __post_init__(self) -> None:
        check_ranges(self, **{field.name: (1, 2**53) for field in fields(self) if field.name != "seconds"})
        check_ranges(self, seconds=(0.001, 86_400))

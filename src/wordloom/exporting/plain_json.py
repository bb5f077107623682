"""JSON of exported models, which programs in other languages read."""

from __future__ import annotations

import json
import re
from typing import Any

_HIGHEST_SAFE = 2**53 - 1
"""Of whole numbers in JavaScript; labels beyond it are strings there."""
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def plain_label(label: Any) -> Any:
    """A label that every reader of JSON takes for the same."""
    return str(label) if isinstance(label, int) and abs(label) > _HIGHEST_SAFE else label


def utf8_json(values: Any) -> bytes:
    """JSON in UTF-8; halves of surrogate pairs, which that cannot hold, as escapes."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()

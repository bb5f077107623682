"""Damage to bytes and to model folders, drawn from a generator: the same draw gives the same damage.

Model folders are damaged in two ways: as a disk or a copy damages them, which their checksums tell, and as an
attacker does, who makes the checksums fit again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

CONFIG, VOCABULARY, WEIGHTS = "config.json", "vocabulary.txt", "weights.safetensors"
ODD_BYTES = [
    b"\xff",
    b"\x00",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\n",
    b"\r",
    b'"',
    b",",
    b"\t",
    b" ",
    b"[" * 2000,
]
ODD_BYTES += [b"nan", b"1e999", b"-1", b"9" * 30, b"{", b"}", b"\xc2\x85", b"\xe2\x80\xa8", b"\x1b[2J"]
ODD_VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    3,
    -7,
    255,
    10**6,
    -(10**6),
    2**31 - 1,
    2**31,
    -(2**31),
]
ODD_VALUES += [
    2**63,
    10**30,
    0.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "pre",
    "\ud800",
    "9" * 50,
]
ODD_VALUES += [[], {}, [1], ["a", "b"], [[]], {"a": 1}, [None], [0.5], ["neg", "neg"], ["a", 1]]
Draw = np.random.Generator


def of(draw: Draw, choices: list[Any]) -> Any:
    """One of the choices."""
    return choices[int(draw.integers(len(choices)))]


def damaged(data: bytes, draw: Draw) -> bytes:
    """Bytes with one damage, sometimes more; they may come out unchanged."""
    for _ in range(1 if draw.random() < 0.8 else int(draw.integers(2, 5))):
        data = of(draw, _BYTES)(data, draw)
    return data


def _span(data: bytes, draw: Draw) -> tuple[int, int]:
    first = int(draw.integers(len(data) + 1))
    return first, min(len(data), first + int(2 ** draw.uniform(0, 8)))


def _truncated(data: bytes, draw: Draw) -> bytes:
    return data[: int(draw.integers(len(data) + 1))]


def _flipped(data: bytes, draw: Draw) -> bytes:
    if not data:
        return data
    place, changed = int(draw.integers(len(data))), bytearray(data)
    changed[place] ^= 1 << int(draw.integers(8))
    return bytes(changed)


def _zeroed(data: bytes, draw: Draw) -> bytes:
    first, last = _span(data, draw)
    return data[:first] + bytes(last - first) + data[last:]


def _removed(data: bytes, draw: Draw) -> bytes:
    first, last = _span(data, draw)
    return data[:first] + data[last:]


def _repeated(data: bytes, draw: Draw) -> bytes:
    first, last = _span(data, draw)
    return data[:last] + data[first:]


def _inserted(data: bytes, draw: Draw) -> bytes:
    place, odd = int(draw.integers(len(data) + 1)), of(draw, ODD_BYTES)
    return data[:place] + odd + data[place:]


def _overwritten(data: bytes, draw: Draw) -> bytes:
    place, odd = int(draw.integers(len(data) + 1)), of(draw, ODD_BYTES)
    return data[:place] + odd + data[place + len(odd) :]


_BYTES: list[Callable[[bytes, Draw], bytes]]
_BYTES = [_truncated, _flipped, _zeroed, _removed, _repeated, _inserted, _overwritten]


def damage_folder(folder: Path, draw: Draw) -> bool:
    """Damage a model folder; True if its checksums tell, False if they were made to fit the damage."""
    if draw.random() < 0.3:
        of(draw, [_one_file, _one_file, _one_file, _odd_file])(folder, draw)
        return True
    of(draw, [_config, _config, _config, _weights, _weights_file, _vocabulary])(folder, draw)
    reseal(folder)
    return False


def _one_file(folder: Path, draw: Draw) -> None:
    file = folder / of(draw, [CONFIG, VOCABULARY, WEIGHTS])
    file.write_bytes(damaged(file.read_bytes(), draw))


def _odd_file(folder: Path, draw: Draw) -> None:
    """In the place of a file stands nothing, a folder, a pipe, a device, or 50 GB that take no room."""
    file = folder / of(draw, [CONFIG, VOCABULARY, WEIGHTS])
    file.unlink()
    kind = int(draw.integers(5))
    if kind == 1:
        file.mkdir()
    elif kind == 2:
        os.mkfifo(file)
    elif kind == 3:
        file.symlink_to(of(draw, ["/dev/zero", "/dev/null", "/dev/tty", file.name]))
    elif kind == 4:
        with open(file, "wb") as stream:
            stream.truncate(50 << 30)


def _config(folder: Path, draw: Draw) -> None:
    """One to three values of the configuration, at any depth, become odd, swap places or go."""
    config = json.loads((folder / CONFIG).read_bytes())
    for _ in range(1 if draw.random() < 0.7 else int(draw.integers(2, 4))):
        places = [(inside, key) for inside, key in _places(config) if key not in ("sha256", "bytes")]
        inside, key = of(draw, places)
        action = draw.random()
        if action < 0.7:
            inside[key] = of(draw, ODD_VALUES)
        elif action < 0.8:
            del inside[key]
        elif action < 0.9:
            other, other_key = of(draw, places)
            inside[key] = json.loads(json.dumps(other[other_key])) if other_key in _keys(other) else None
        elif isinstance(inside, dict):
            inside[of(draw, ["x", "", "steps", "maxlen", "kind"])] = of(draw, ODD_VALUES)
        else:
            inside.append(of(draw, ODD_VALUES))
    (folder / CONFIG).write_text(json.dumps(config))


def _keys(value: Any) -> Any:
    return value if isinstance(value, dict) else range(len(value))


def _places(value: Any) -> list[tuple[Any, Any]]:
    found = []
    for key in list(_keys(value)):
        found.append((value, key))
        if isinstance(value[key], dict | list):
            found += _places(value[key])
    return found


def _weights(folder: Path, draw: Draw) -> None:
    """An array gets odd numbers, another type or another shape."""
    from safetensors.numpy import load, save

    arrays = load((folder / WEIGHTS).read_bytes())
    name = of(draw, sorted(arrays))
    array = arrays[name]
    change = int(draw.integers(6))
    if change == 0 and array.size:
        flat = array.reshape(-1).copy()
        odd = of(draw, [0, -1, 1, 127, 255, 2**31 - 1, -(2**31), 1e30, float("nan"), float("inf")])
        with np.errstate(all="ignore"):
            flat[draw.integers(array.size, size=int(draw.integers(1, 4)))] = np.array(odd).astype(array.dtype)
        array = flat.reshape(array.shape)
    elif change == 1:
        with np.errstate(all="ignore"):
            array = array.astype(of(draw, [np.float16, np.float64, np.int64, np.int32, np.uint8, np.bool_]))
    elif change == 2:
        array = of(draw, [array[:-1], array[:0], np.concatenate([array, array]), array.T, array.reshape(-1)])
    elif change == 3:
        array = draw.permutation(array)
    elif change == 4:
        arrays.pop(name)
        name = of(draw, ["steps", "extra", name, *sorted(arrays)])
    else:
        array = arrays[of(draw, sorted(arrays))]
    arrays[name] = np.ascontiguousarray(array)
    (folder / WEIGHTS).write_bytes(save(arrays))


def _weights_file(folder: Path, draw: Draw) -> None:
    """The header of the weights' file says something else, or its bytes are damaged anywhere."""
    data = (folder / WEIGHTS).read_bytes()
    length = int.from_bytes(data[:8], "little")
    if draw.random() < 0.5:
        (folder / WEIGHTS).write_bytes(damaged(data, draw))
        return
    header = json.loads(data[8 : 8 + length])
    entry = header[of(draw, [name for name in header if name != "__metadata__"])]
    change = int(draw.integers(3))
    if change == 0:
        entry["dtype"] = of(draw, ["BF16", "F8_E4M3", "F16", "I8", "U8", "F64", "I64", "BOOL", "x", 1])
    elif change == 1:
        entry["shape"] = of(
            draw, [[], [0], [1, 1], [2**62, 8], [2**63, 0], [-1], [1] * 70, entry["shape"][::-1]]
        )
    else:
        entry["data_offsets"] = of(draw, [[0, 0], [0, 2**60], [8, 4], [-8, 8], [0, len(data)], None])
    text = json.dumps(header).encode()
    (folder / WEIGHTS).write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])


def _vocabulary(folder: Path, draw: Draw) -> None:
    """Lines go, come, come again or change their order, or bytes are damaged."""
    data = (folder / VOCABULARY).read_bytes()
    lines = data.split(b"\n")[:-1]
    change = int(draw.integers(5))
    if change == 0:
        lines = lines[: int(draw.integers(len(lines) + 1))]
    elif change == 1:
        lines += [b"more%d" % number for number in range(int(draw.integers(1, 200)))]
    elif change == 2:
        lines[int(draw.integers(len(lines)))] = of(
            draw, [*lines, b"", b"\xff", b"\\ud800", b"\\u0041", b"\\"]
        )
    elif change == 3:
        lines = [lines[place] for place in draw.permutation(len(lines))]
    text = b"".join(line + b"\n" for line in lines)
    (folder / VOCABULARY).write_bytes(damaged(data, draw) if change == 4 else text)


def reseal(folder: Path) -> None:
    """Make the checksums of a model folder those of its files, as far as its configuration can be read."""
    config = json.loads((folder / CONFIG).read_bytes())
    if isinstance(config.get("files"), dict):
        for name in (VOCABULARY, WEIGHTS):
            data = (folder / name).read_bytes()
            config["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    values = json.loads(json.dumps({key: value for key, value in config.items() if key != "sha256"}))
    config["sha256"] = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    (folder / CONFIG).write_text(json.dumps(config))


def removed(path: Path) -> None:
    """Remove a file, a link or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

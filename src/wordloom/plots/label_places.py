"""Where names go beside crowded points: greedy, without overlaps, pure geometry in one unit of length."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

# Right, left, above, below, then the corners: the sides of a point in the order of preference.
_SIDES = ((1, 0), (-1, 0), (0, 1), (0, -1), (0.7, 0.7), (-0.7, 0.7), (0.7, -0.7), (-0.7, -0.7))
_COMPASS = tuple((math.cos(step * math.pi / 12), math.sin(step * math.pi / 12)) for step in range(24))
# Distances from the point in radii; beyond the first a line joins the name to its point.
_GAPS = (1.5, 4.0, 7.0, 10.0, 14.0, 18.0)
_STEPS = 24


@dataclass(frozen=True)
class Place:
    """The box that a name fills, and whether it is so far from its point that a line must join them."""

    box: Box
    joined: bool

    @property
    def middle(self) -> Point:
        """The middle of the box."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


def place_labels(
    points: Sequence[Point], sizes: Sequence[Point], radius: float, frame: Box
) -> list[Place | None]:
    """A place for the name of each point, None where there is no room.

    points : middles; sizes : width and height of each name; radius : of the drawn points; frame : names
    stay inside

    Earlier names choose first. Boxes overlap neither each other nor a point nor the lines that join
    others.
    """
    taken = [(x - radius, y - radius, x + radius, y + radius) for x, y in points]
    places: list[Place | None] = []
    for point, size in zip(points, sizes, strict=True):
        place = next(
            (choice for choice in _choices(point, size, radius) if _is_free(choice, point, taken, frame)),
            None,
        )
        places.append(place)
        if place is not None:
            taken.append(place.box)
            if place.joined:
                taken.extend(_line(point, place.box))
    return places


def _choices(point: Point, size: Point, radius: float) -> Iterator[Place]:
    """Boxes around the point: first touching it, then further and further away."""
    for gap in _GAPS:
        close = gap == _GAPS[0]
        for right, up in _SIDES if close else _COMPASS:
            x = point[0] + right * radius * gap + max(-1.0, min(1.0, 1.5 * right)) * size[0] / 2
            y = point[1] + up * radius * gap + max(-1.0, min(1.0, 1.5 * up)) * size[1] / 2
            box = (x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)
            yield Place(box, joined=not close)


def _is_free(place: Place, point: Point, taken: Sequence[Box], frame: Box) -> bool:
    box = place.box
    if box[0] < frame[0] or box[1] < frame[1] or box[2] > frame[2] or box[3] > frame[3]:
        return False
    if any(overlap(box, other) for other in taken):
        return False
    if not place.joined:
        return True
    here = (*point, *point)
    others = [other for other in taken if not overlap(here, other)]
    return not any(overlap(piece, other) for piece in _line(point, box) for other in others)


def _line(point: Point, box: Box) -> list[Box]:
    """The straight way from the point to the nearest part of the box, as a row of tiny boxes."""
    end = (min(max(point[0], box[0]), box[2]), min(max(point[1], box[1]), box[3]))
    steps = [step / _STEPS for step in range(_STEPS)]
    return [
        (x, y, x, y)
        for x, y in ((point[0] + t * (end[0] - point[0]), point[1] + t * (end[1] - point[1])) for t in steps)
    ]


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes share more than an edge."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]

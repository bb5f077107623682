"""The map of words: names that do not overlap, colors that mean something."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wordloom import plots
from wordloom.errors import DataError
from wordloom.plots.label_places import overlap, place_labels

pytest.importorskip("matplotlib")

coordinate = st.floats(0, 300)


@given(
    points=st.lists(st.tuples(coordinate, coordinate), max_size=25),
    width=st.floats(1, 80),
    radius=st.floats(0.5, 6),
)
def test_names_never_overlap_each_other_a_point_or_the_frame(points, width, radius):
    places = place_labels(points, [(width, 10.0)] * len(points), radius, (0, 0, 300, 300))
    assert len(places) == len(points)
    boxes = [place.box for place in places if place is not None]
    for row, box in enumerate(boxes):
        assert box[0] >= 0
        assert box[1] >= 0
        assert box[2] <= 300
        assert box[3] <= 300
        assert not any(overlap(box, other) for other in boxes[:row])
        assert not any(overlap(box, (x - radius, y - radius, x + radius, y + radius)) for x, y in points)


def test_lonely_points_have_their_name_at_their_right_and_no_line():
    (place,) = place_labels([(100.0, 100.0)], [(40.0, 10.0)], 4.0, (0, 0, 300, 300))
    assert place.box == (106, 95, 146, 105)
    assert place.middle == (126, 100)
    assert not place.joined


def test_first_word_chooses_first_and_the_last_goes_without_room():
    points = [(100.0, 100.0)] * 60
    places = place_labels(points, [(40.0, 10.0)] * 60, 3.0, (0, 0, 200, 200))
    assert places[0] is not None
    assert places[-1] is None
    assert any(place is not None and place.joined for place in places)


def words_on(ax) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_points_names_colors_and_bar():
    words = ["good", "bad", "$so$ so", "x" * 40]
    points = np.array([[0.0, 0], [1, 1], [2, 0], [3, 3]])
    ax = plots.word_map(words, points, [2.0, -1.0, 0.0, 0.5], ("negative", "positive"))
    assert words_on(ax) == ["good", "bad", "$so$ so", "x" * 23 + "…"]
    dots = ax.collections[0]
    assert dots.get_offsets().tolist() == points.tolist()
    assert dots.get_array().tolist() == [2, -1, 0, 0.5]
    assert dots.get_clim() == (-2, 2)
    assert ax.get_xlabel() == "First principal component"
    assert ax.get_ylabel() == "Second principal component"
    assert ax.get_title(loc="left") == "Map of 4 words"
    (bar,) = (other for other in ax.figure.axes if other is not ax)
    assert bar.get_ylabel().split() == ["\u2190", "negative", "leaning", "positive", "\u2192"]


def test_drawn_names_do_not_overlap_in_the_written_picture():
    rng = np.random.default_rng(4)
    words = [f"word{i}" for i in range(60)]
    ax = plots.word_map(words, rng.normal(size=(60, 2)), rng.normal(size=60))
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent().extents for text in ax.texts if text.get_text()]
    for row, box in enumerate(boxes):
        assert not any(overlap(tuple(box), tuple(other)) for other in boxes[:row])
    missing = 60 - len(boxes)
    if missing:
        assert f"({missing} without room for a name)" in ax.get_title(loc="left")


def test_all_colors_are_visible_on_white():
    from wordloom.plots.word_maps import _palette

    rgb = _palette()(np.linspace(0, 1, 50))[:, :3]
    channels = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = channels @ [0.2126, 0.7152, 0.0722]
    assert (1.05 / (luminance + 0.05)).min() > 1.9  # contrast as WCAG defines it


def test_without_leaning_one_word_and_given_axes(tmp_path):
    from matplotlib.figure import Figure

    figure = Figure()
    canvas = figure.canvas
    ax = plots.word_map(["only"], [[0.0, 0.0]], ax=figure.subplots())
    assert words_on(ax) == ["only"]
    assert figure.canvas is canvas
    assert len(figure.axes) == 1
    plots.save(ax, tmp_path / "map.svg")
    plots.word_map(["a", "b"], np.zeros((2, 2)), [0.0, 0.0])


def test_the_axes_say_what_share_of_the_variance_they_show():
    from wordloom.vectors import project, variance_shares

    vectors = np.random.default_rng(0).normal(size=(40, 5)) * [8, 0.2, 0.1, 0, 0]
    points = project(vectors)
    shares = variance_shares(vectors, points)
    total = vectors.var(axis=0).sum()
    assert shares.tolist() == pytest.approx((points.var(axis=0) / total).tolist())
    assert shares[0] > 0.99
    ax = plots.word_map([f"w{i}" for i in range(40)], points, shares=shares)
    assert ax.get_xlabel() == "First principal component (99.9 % of the variance)"
    assert ax.get_ylabel() == "Second principal component (0.1 %)"
    assert variance_shares(np.ones((3, 2)), np.zeros((3, 2))).tolist() == [0, 0]
    tiny = plots.word_map(["a", "b"], np.eye(2), shares=[0.9999, 0.0001])
    assert tiny.get_ylabel() == "Second principal component (below 0.1 %)"


def test_shapes_must_fit():
    with pytest.raises(DataError, match=r"2 words, but points of the shape \(1, 2\)"):
        plots.word_map(["a", "b"], [[0, 0]])
    with pytest.raises(DataError, match="0 words"):
        plots.word_map([], np.zeros((0, 2)))
    with pytest.raises(DataError, match=r"1 words, but leanings of the shape \(2,\)"):
        plots.word_map(["a"], [[0, 0]], [1, 2])


def test_points_almost_on_a_line_get_axes_of_their_own():
    words = [f"w{i}" for i in range(6)]
    line = np.column_stack([np.linspace(-9, 9, 6), [0.1, -0.1] * 3])
    assert plots.word_map(words, line).get_aspect() == "auto"
    assert plots.word_map(words, line * [1, 30]).get_aspect() == 1.0
    assert plots.word_map(words, np.zeros((6, 2))).get_aspect() == 1.0

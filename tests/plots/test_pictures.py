"""Pictures: the data that they draw, their labels, and the files they become."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from wordloom import plots
from wordloom.errors import DataError, MissingExtraError, UsageError, WordloomWarning
from wordloom.evaluation.by_length import ErrorGroup
from wordloom.loop.history import History
from wordloom.plots import glyphs

pytest.importorskip("matplotlib")

HISTORY = {
    "loss": [0.6, 0.4, 0.3, 0.2],
    "accuracy": [0.7, 0.8, 0.9, 0.95],
    "val_loss": [0.5, 0.42, 0.40, 0.45],
    "val_accuracy": [0.75, 0.85, 0.84, 0.83],
}
ROWS = [
    {
        "recipe": "one",
        "metric": "test accuracy",
        "published": 0.8626,
        "mean": 0.864,
        "std": 0.001,
        "values": [0.863, 0.865],
    },
    {
        "recipe": "two",
        "metric": "validation accuracy",
        "published": (0.75, 0.76),
        "mean": 0.74,
        "std": 0.01,
        "values": [],
    },
    {
        "recipe": "three",
        "metric": "test accuracy",
        "published": None,
        "mean": 0.5,
        "std": 0.0,
        "values": [0.5],
    },
]


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_text()]


def legend(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def ticks(axis, limits) -> list[float]:
    return [tick for tick in axis.get_majorticklocs() if limits[0] <= tick <= limits[1]]


# Curves


def test_history_draws_both_curves_from_epoch_one():
    left, right = plots.history(HISTORY)
    for ax, key in ((left, "accuracy"), (right, "loss")):
        training, validation = (line for line in ax.lines if len(line.get_xdata()) == 4)
        if training.get_label() != "training":
            training, validation = validation, training
        assert training.get_xdata().tolist() == [1, 2, 3, 4]
        assert training.get_ydata().tolist() == HISTORY[key]
        assert validation.get_ydata().tolist() == HISTORY[f"val_{key}"]
        assert ax.get_xlabel() == "Epoch"
        assert ticks(ax.xaxis, ax.get_xlim()) == [1, 2, 3, 4]
    assert left.get_ylabel() == "Accuracy (%)"
    assert right.get_ylabel() == "Loss (nats per text)"
    assert left.yaxis.get_major_formatter()(0.85) == "85"
    assert left.figure is right.figure


def test_best_epochs_are_marked():
    left, right = plots.history(HISTORY)
    assert legend(left) == ["training", "validation, highest 85.0 % at epoch 2"]
    assert legend(right) == ["training", "validation, lowest 0.400 at epoch 3"]
    assert [2, 2] in [list(line.get_xdata()) for line in left.lines]
    assert [3, 3] in [list(line.get_xdata()) for line in right.lines]


def test_history_without_validation_one_epoch_and_holes():
    ax = plots.accuracy_curve({"accuracy": [0.5]})
    assert legend(ax) == ["training"]
    assert ticks(ax.xaxis, ax.get_xlim()) == [1]
    ax = plots.loss_curve({"loss": [1.0, 0.5, 0.4], "val_loss": [None, float("nan"), 0.6]})
    assert legend(ax)[1] == "validation, lowest 0.600 at epoch 3"
    ax = plots.loss_curve({"loss": [1.0], "val_loss": [None]})
    assert legend(ax) == ["training"]
    with pytest.raises(DataError, match="no epoch"):
        plots.loss_curve({"loss": []})
    with pytest.raises(DataError, match=r"no 'accuracy' to draw\. There are: 'loss'"):
        plots.history({"loss": [1.0]})


def test_the_kept_epoch_is_marked_in_both_panels():
    ends_better = {**HISTORY, "val_accuracy": [0.75, 0.85, 0.84, 0.86]}
    for ax in plots.history(History(ends_better, best_epoch=3)):
        assert "kept: epoch 3" in legend(ax)
        lines = [list(line.get_xdata()) for line in ax.lines]
        assert [3] in lines  # the ring
        assert [3, 3] in lines  # from bottom to top
        assert [4] not in lines
    left, right = plots.history(History({"loss": [2.0, 1.0], "accuracy": [0.5, 0.6]}, best_epoch=2))
    assert legend(left) == legend(right) == ["training", "kept: epoch 2"]
    left, _ = plots.history(History(ends_better))  # not known: the best
    assert legend(left) == ["training", "validation, highest 86.0 % at epoch 4"]


def test_many_epochs_keep_whole_numbers_at_the_ticks():
    ax = plots.accuracy_curve({"accuracy": np.linspace(0.5, 1, 300)})
    shown = ticks(ax.xaxis, ax.get_xlim())
    assert 3 <= len(shown) <= 11
    assert all(tick == int(tick) for tick in shown)


def test_curves_go_into_given_axes():
    from matplotlib.figure import Figure

    pair = tuple(Figure().subplots(1, 2))
    assert plots.history(HISTORY, ax=pair) == pair
    assert plots.loss_curve(HISTORY, ax=Figure().subplots()).get_ylabel().startswith("Loss")


# Lengths


def bars(ax) -> list[tuple[float, float, float, str]]:
    from matplotlib.colors import to_hex

    return [
        (p.get_x(), p.get_x() + p.get_width(), p.get_height(), to_hex(p.get_facecolor())) for p in ax.patches
    ]


def test_every_text_is_in_one_bar_and_the_cut_is_between_two():
    lengths = np.random.default_rng(0).integers(0, 400, size=5000)
    ax = plots.length_histogram(lengths, maxlen=137, noun="reviews")
    drawn = bars(ax)
    assert sum(height for _, _, height, _ in drawn) == 5000
    for left, right, height, color in drawn:
        assert height == ((lengths > left) & (lengths < right)).sum()
        assert right <= 137.5 or left >= 137.5
        assert (color == "#d55e00") == (left >= 137.5)
    cut = sum(height for left, _, height, _ in drawn if left >= 137.5)
    assert cut == (lengths > 137).sum()
    (note,) = texts(ax)
    assert "cut at 137 words" in note
    assert f"{100 * (lengths > 137).mean():.1f} % of the reviews are longer" in note
    assert ax.get_xlabel() == "Length (words)"
    assert ax.get_ylabel() == "Reviews per 10 words"


@pytest.mark.parametrize("maxlen", [None, 20, 7, 200])
@pytest.mark.parametrize("longest", [3, 25, 300])
def test_every_bar_is_as_wide_as_the_others(longest, maxlen):
    ax = plots.length_histogram(np.arange(longest + 1), maxlen)
    widths = {round(right - left, 6) for left, right, *_ in bars(ax)}
    assert len(widths) == 1
    assert sum(height for *_, height, _ in bars(ax)) >= 0.98 * longest


def test_long_tail_is_left_out_and_counted():
    lengths = [100] * 500 + [120] * 497 + [9_000, 12_000, 30_000]
    ax = plots.length_histogram(lengths)
    assert ax.get_xlim()[1] < 200
    assert any("not shown: 3 texts (0.3 %)\nup to 30,000 words" in text for text in texts(ax))
    assert "median 110" in texts(ax)
    ax = plots.length_histogram(lengths, maxlen=500)
    assert ax.get_xlim()[1] > 500


@pytest.mark.parametrize("lengths", [[0], [1], [0, 0, 7], [3, 3, 3]])
@pytest.mark.parametrize("maxlen", [None, 1, 2, 50])
def test_tiny_corpora(lengths, maxlen):
    ax = plots.length_histogram(lengths, maxlen)
    assert sum(height for *_, height, _ in bars(ax)) == len(lengths)
    assert all(tick == int(tick) for tick in ticks(ax.yaxis, ax.get_ylim()))


def test_no_lengths():
    with pytest.raises(DataError, match="at least one text"):
        plots.length_histogram([])


# Confusion matrix


def test_cells_hold_counts_and_shares_of_their_row():
    ax = plots.confusion_matrix([[90, 10], [0, 0]], ["neg", "pos"])
    assert texts(ax) == ["90\n90.0 %", "10\n10.0 %", "0\n0.0 %", "0\n0.0 %"]
    assert ax.images[0].get_array().tolist() == [[0.9, 0.1], [0, 0]]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["neg", "pos"]
    assert ax.get_xlabel() == "Predicted class"
    assert ax.get_ylabel() == "True class"
    assert ax.get_title(loc="left") == "90 of 100 correct"


def test_dark_cells_have_light_text():
    from matplotlib.colors import to_rgb

    ax = plots.confusion_matrix(np.diag([5, 5, 5]) + 1, ["a", "b", "c"])
    for text, share in zip(ax.texts, ax.images[0].get_array().ravel(), strict=True):
        background = sum(ax.images[0].cmap(share)[:3]) / 3
        assert abs(sum(to_rgb(text.get_color())) / 3 - background) > 0.3


def test_fifty_classes_show_counts_where_there_are_any():
    counts = np.diag(np.arange(1, 51))
    ax = plots.confusion_matrix(counts, [f"{'x' * 30}{i}" for i in range(50)])
    assert texts(ax) == [str(i) for i in range(1, 51)]
    assert all(len(label.get_text()) == 24 for label in ax.get_yticklabels())
    assert ax.figure.get_figwidth() > 10


def test_300_classes_are_the_40_with_most_mistakes_and_the_rest_as_one():
    rng = np.random.default_rng(0)
    counts = np.diag(np.full(300, 2_000)) + (rng.random((300, 300)) < 0.01)
    counts[7, 250] += 90
    ax = plots.confusion_matrix(counts, [f"class {i}" for i in range(300)])
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert (len(names), names[-1]) == (41, "260 others")
    assert {"class 7", "class 250"} <= set(names)
    drawn = {(int(text.get_position()[1]), int(text.get_position()[0])): text for text in ax.texts}
    shown = {place: int(text.get_text().replace(",", "")) for place, text in drawn.items()}
    assert sum(shown.values()) == counts.sum()
    assert shown[names.index("class 7"), names.index("class 250")] in (90, 91)
    assert max(ax.figure.get_size_inches()) * ax.figure.dpi < 3600
    assert "40 classes with the most mistakes of 300" in ax.get_title(loc="left")
    ax.figure.draw_without_rendering()
    cell = ax.transData.transform([1, 0])[0] - ax.transData.transform([0, 0])[0]
    assert all(text.get_window_extent().width < cell for text in ax.texts)


def test_labels_with_dollar_signs_are_no_formulas(tmp_path):
    ax = plots.confusion_matrix(np.eye(2, dtype=int), ["$\\bad$", "a$b$"])
    plots.save(ax, tmp_path / "c.png")
    assert (tmp_path / "c.png").stat().st_size > 1000


def test_confusion_matrix_of_the_wrong_shape():
    with pytest.raises(DataError, match=r"3 labels, but counts of the shape \(2, 2\)"):
        plots.confusion_matrix(np.eye(2), ["a", "b", "c"])


# Recipes


def test_reproduction_shows_figures_and_differences():
    ax = plots.reproduction(ROWS)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["one\ntest accuracy", "two\nvalidation accuracy", "three\ntest accuracy"]
    assert "86.4 ± 0.1  (+0.1)" in texts(ax)
    assert "74.0 ± 1.0  (\u22121.0)" in texts(ax)
    assert "50.0 ± 0.0" in texts(ax)
    assert ax.get_xlabel() == "Accuracy (%)"
    assert legend(ax) == ["published", "ours, mean ± std", "each seed"]
    drawn = [np.asarray(line.get_xdata(), dtype=float).tolist() for line in ax.lines]
    for expected in ([86.26], [75.0, 76.0], [86.3, 86.5], [86.4], [74.0], [50.0]):
        assert any(len(d) == len(expected) and np.allclose(d, expected) for d in drawn)
    bottom, top = ax.get_ylim()
    assert bottom > top  # the first row is on top


def test_a_difference_of_nearly_nothing_is_no_minus_zero():
    ax = plots.reproduction([{**ROWS[0], "mean": 0.86257, "published": 0.8626}])
    assert "86.3 ± 0.1  (+0.0)" in texts(ax)


def test_reproduction_needs_rows_and_means():
    with pytest.raises(DataError, match="no recipe"):
        plots.reproduction([])
    with pytest.raises(DataError, match="no 'mean' to draw"):
        plots.reproduction([{"recipe": "x"}])


# Files and the package

ONLY_IN_STIX = "\u1d81"


def test_letters_that_no_installed_font_has_are_warned_about_once(tmp_path, monkeypatch):
    monkeypatch.setattr(glyphs, "_installed", tuple)
    labels = ["\u5b57\u4f53", "b", "\u5b57"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        plots.save(plots.confusion_matrix(np.eye(3, dtype=int), labels), tmp_path / "c.png")
        plots.word_map(labels, np.eye(3)[:, :2])
    (warning,) = caught
    assert warning.category is WordloomWarning
    assert "2 letters are drawn as empty boxes" in str(warning.message)
    assert "fonts-noto-cjk" in str(warning.message)


def test_letters_that_the_usual_font_lacks_are_drawn_in_an_installed_one(tmp_path, monkeypatch):
    import matplotlib

    stix = str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "STIXGeneral.ttf")
    monkeypatch.setattr(glyphs, "_installed", lambda: (stix,))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = plots.confusion_matrix(np.eye(2, dtype=int), [f"a{ONLY_IN_STIX}", "b"])
        plots.save(ax, tmp_path / "c.png")
        named = plots.word_map([f"a{ONLY_IN_STIX}", "b"], np.eye(2))
    first, second = ax.get_yticklabels()
    assert first.get_fontfamily()[-1] == "STIXGeneral"
    assert "STIXGeneral" not in second.get_fontfamily()
    assert [text.get_fontfamily()[-1] == "STIXGeneral" for text in named.texts if text.get_text()] == [
        True,
        False,
    ]


@pytest.mark.parametrize(("name", "start"), [("a.png", b"\x89PNG"), ("a.svg", b"<?xml"), ("a.pdf", b"%PDF")])
def test_files_are_written_whole_and_always_the_same(name, start, tmp_path):
    for folder in ("one", "two"):
        plots.save(plots.history(HISTORY), tmp_path / folder / name)
    content = (tmp_path / "one" / name).read_bytes()
    assert content.startswith(start)
    assert content == (tmp_path / "two" / name).read_bytes()
    assert [file.name for file in (tmp_path / "one").iterdir()] == [name]


def test_save_takes_figures_and_axes_and_refuses_other_endings(tmp_path):
    ax = plots.reproduction(ROWS)
    assert plots.save(ax, tmp_path / "a.png") == tmp_path / "a.png"
    plots.save(ax.figure, tmp_path / "b.PNG")
    with pytest.raises(UsageError, match=r"not '\.jpeg'"):
        plots.save(ax, tmp_path / "a.jpeg")
    with pytest.raises(UsageError, match="not ''"):
        plots.save(ax, tmp_path / "a")


def test_without_matplotlib_the_error_says_how_to_install_it(monkeypatch):
    for module in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    calls = [
        lambda: plots.history(HISTORY),
        lambda: plots.accuracy_curve(HISTORY),
        lambda: plots.length_histogram([1, 2], 1),
        lambda: plots.confusion_matrix(np.eye(2), ["a", "b"]),
        lambda: plots.word_map(["a"], [[0.0, 0.0]], [1.0]),
        lambda: plots.reproduction(ROWS),
    ]
    for call in calls:
        with pytest.raises(MissingExtraError, match=r"wordloom\[plot\]"):
            call()


def test_neither_pyplot_nor_a_display_is_touched():
    code = (
        "import sys; from wordloom import plots; assert 'matplotlib' not in sys.modules; "
        "plots.accuracy_curve({'accuracy': [0.5, 0.6]}); "
        "print('matplotlib.pyplot' in sys.modules, 'numba' in sys.modules, 'sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False"]


CONTENDERS = [
    {"name": "ours", "ours": True, "accuracy": 0.9, "interval": [0.89, 0.91], "seconds": 1.0},
    {"name": "theirs", "ours": False, "accuracy": 0.8, "interval": [0.78, 0.82], "seconds": 100.0},
    {"name": "slow", "ours": False, "accuracy": 0.8, "interval": [0.78, 0.82], "seconds": 100.0},
]


def test_contenders_stand_at_their_seconds_and_accuracy():
    ax = plots.accuracy_against_time(CONTENDERS)
    assert ax.get_xscale() == "log"
    assert [text.get_text() for text in ax.texts if text.get_text()] == ["ours", "theirs", "slow"]
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["wordloom (95 % interval)", "peers (95 % interval)"]
    assert ax.containers[1].lines[0].get_xydata().tolist() == [[100, 80], [100, 80]]


def test_contenders_are_needed():
    assert len(plots.accuracy_against_time(CONTENDERS[:1]).get_legend().get_texts()) == 1
    with pytest.raises(DataError, match="no contender"):
        plots.accuracy_against_time([])
    with pytest.raises(DataError, match="no 'interval'"):
        plots.accuracy_against_time([{"name": "x", "accuracy": 1, "seconds": 1}])


def test_reliability_draws_the_ranges():
    rows = [
        {"low": 0.5, "high": 0.6, "count": 4, "confidence": 0.55, "accuracy": 0.5},
        {"low": 0.9, "high": 1.0, "count": 16, "confidence": 0.95, "accuracy": 1.0},
    ]
    ax = plots.reliability(rows, 0.041)
    assert ax.collections[-1].get_offsets().tolist() == pytest.approx(np.array([[55, 50], [95, 100]]))
    assert [text.get_text() for text in ax.texts] == ["calibration error 4.1 points"]
    with pytest.raises(DataError, match="no texts"):
        plots.reliability([])


def test_accuracy_is_written_at_the_marked_share_and_at_the_end():
    ax = plots.accuracy_coverage([0.25, 0.5, 0.75, 1.0], [1.0, 1.0, 0.9, 0.8], marked=0.5)
    assert [text.get_text() for text in ax.texts] == ["100.0 % of 50 %", "80.0 % of all"]
    two_texts = plots.accuracy_coverage([0.5, 1.0], [1.0, 0.5])
    assert [text.get_text() for text in two_texts.texts] == ["50.0 % of all"]
    three = plots.accuracy_coverage(np.arange(1, 8) / 7, np.linspace(1, 0.7, 7))
    assert [text.get_text() for text in three.texts] == ["75.0 % of 85.7 %", "70.0 % of all"]
    assert len(plots.accuracy_coverage([1.0], [0.0]).lines) == 2  # the surest 80 % of one text are all
    with pytest.raises(DataError, match="at least one"):
        plots.accuracy_coverage([], [])


def test_few_grades_are_boxes_and_many_are_points():
    rng = np.random.default_rng(0)
    few = rng.integers(1, 6, 200).astype(float)
    ax = plots.predicted_grades(few + rng.normal(0, 0.3, 200), few)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "2", "3", "4", "5"]
    assert len(ax.patches) == 5
    many = rng.uniform(0, 1, 5000)
    (points,) = plots.predicted_grades(many, many).collections
    assert 1000 < len(points.get_offsets()) <= 1500
    assert plots.predicted_grades(np.array([2.0]), np.array([2.0])) is not None
    with pytest.raises(DataError, match="as many of both"):
        plots.predicted_grades(few, few[1:])


def test_errors_of_grades_lie_around_nothing_and_their_mean_is_named():
    ax = plots.grade_errors(np.array([-1.0, 0.5, 2.0, 0.5]))
    assert sum(bar.get_height() for bar in ax.patches) == 4
    assert ax.texts[0].get_text() == "mean +0.5"
    low, high = ax.patches[0].get_x(), ax.patches[-1].get_x() + ax.patches[-1].get_width()
    assert (low, high) == pytest.approx((-2, 2))
    assert plots.grade_errors(np.zeros(3)) is not None
    with pytest.raises(DataError, match="at least one"):
        plots.grade_errors(np.zeros(0))


def test_the_mean_error_of_each_length_stands_beside_that_of_all():
    ax = plots.length_errors([ErrorGroup(1, 5, 10, 1.0, (0.5, 1.5)), ErrorGroup(6, 6, 30, 2.0, (1.5, 2.5))])
    assert ax.get_title(loc="left") == "dashed: all texts, 1.75"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1\u20135", "6"]
    with pytest.raises(DataError, match="no texts"):
        plots.length_errors([])

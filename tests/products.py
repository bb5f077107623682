"""Products of options in tests: of each a few combinations for every change, all of them for `make check`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping

import pytest


def product(
    chosen: Callable[..., bool], **options: Mapping[str, object] | Iterable[object]
) -> pytest.MarkDecorator:
    """A case for every combination of values; those that are not chosen have the mark `exhaustive`.

    chosen : is given a combination's names in the order of the options. Those that it takes should have each
        value of each option among them.
    options : name of an argument -> its values, by the names that they have in the test's name
    """
    named = {
        option: values if isinstance(values, Mapping) else {str(value): value for value in values}
        for option, values in options.items()
    }
    cases = [
        pytest.param(
            *(named[option][name] for option, name in zip(named, names, strict=True)),
            id="-".join(names),
            marks=() if chosen(*names) else pytest.mark.exhaustive,
        )
        for names in itertools.product(*named.values())
    ]
    return pytest.mark.parametrize(list(named), cases)

"""JSON of requests and answers: read strictly, written so that any string comes through."""

from __future__ import annotations

import json
from typing import Any

from wordloom.errors import DataError
from wordloom.plain_values import MOST_LEVELS, check_levels
from wordloom.server.refusal import Refusal


def _refuse_constant(name: str) -> Any:
    raise DataError(f"{name} is no JSON.")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
# ASCII only: a lone surrogate has no form in UTF-8, but has one as an escape
_encoder = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def document_of(body: bytes) -> Any:
    """The document that a body holds; Refusal (400) for what is no JSON or is nested too deep."""
    try:
        document = _decoder.decode(body.decode("utf-8"))
        check_levels(document)
        return document
    except UnicodeDecodeError as error:
        raise Refusal(400, f"The body is not UTF-8: {error.reason} at byte {error.start:,}.") from None
    except json.JSONDecodeError as error:
        raise Refusal(400, f"The body is not JSON: {error}.") from None
    except RecursionError:
        raise Refusal(
            400, f"The body is not JSON that can be read: it is nested more than {MOST_LEVELS} levels deep."
        ) from None
    except DataError as error:
        raise Refusal(400, f"The body is not JSON that can be read: {str(error)[:200]}") from None
    except ValueError:  # of numbers alone
        raise Refusal(400, "The body is not JSON that can be read: a number has too many digits.") from None


def text_of(document: Any) -> bytes:
    """A document as a body."""
    return _encoder.encode(document).encode("ascii")

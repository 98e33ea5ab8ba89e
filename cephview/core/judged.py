"""How a fine-tuned model was judged, as it is kept beside it for ever."""

import json
from dataclasses import asdict, fields
from typing import Any

from cephview.core.detection import Turn
from cephview.core.learning import Accuracy, FilmChange, FinetuneResult, Kept, PointChange, Taught

# In the model's folder. It names films of the clinic, so it is no part of an exported model.
FILE = "judged.json"


def to_json(result: FinetuneResult) -> str:
    """Write a judgement."""
    return json.dumps(asdict(result))


def from_json(text: str) -> FinetuneResult:
    """Read what to_json wrote, also of a release that said more or less. Raises ValueError."""
    try:
        data = json.loads(text)
        data["before"], data["after"] = (_made(Accuracy, data[k]) for k in ("before", "after"))
        data["worst"] = tuple(_film(film) for film in data.get("worst", ()))
        data["kept"] = None if data.get("kept") is None else _made(Kept, data["kept"])
        data["taught"] = tuple(_made(Taught, row) for row in data.get("taught", ()))
        result: FinetuneResult = _made(FinetuneResult, data)
        return result
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a judgement: {error}") from error


def _film(data: dict[str, Any]) -> FilmChange:
    points = {k: _made(PointChange, v) for k, v in data.get("points", {}).items()}
    turn = _made(Turn, data.get("turn", {}))
    film: FilmChange = _made(FilmChange, {**data, "points": points, "turn": turn})
    return film


def _made(kind: Any, data: dict[str, Any]) -> Any:
    known = {field.name for field in fields(kind)}
    return kind(**{k: _as_tuples(v) for k, v in data.items() if k in known})


def _as_tuples(value: Any) -> Any:
    """Return a value of JSON with tuples for lists, as frozen values have them."""
    if isinstance(value, list | tuple):
        return tuple(_as_tuples(item) for item in value)
    if isinstance(value, dict):
        return {k: _as_tuples(v) for k, v in value.items()}
    return value

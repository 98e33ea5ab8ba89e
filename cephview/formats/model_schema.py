"""What model.toml may hold: every key with its type and its bounds, and the names of landmarks.

A model folder comes from anywhere. What passes here is of sizes that a film and a computer can
have, has texts that can be shown, and calls landmarks what the landmark sets call them.
"""

import hashlib
import json
import math
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from cephview import places
from cephview.core.landmarks import OWN, own_landmark
from cephview.core.model_info import ModelInfo

MAX_LANDMARKS = 200
# Not of what the model is but of which copy it is, so that the same training twice is the same
# model; and the digests themselves.
_FREE = {"name", "created", "settings", "sha256", "description_sha256"}
_DEEPEST = 4
_MOST_SETTINGS = 2000
_LONGEST_SETTING = 2000
_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# What a spreadsheet takes for the beginning of a formula.
_FORMULA = "=+-@"
# Time and memory of Python's own reader grow with the square of a dotted key's parts.
_QUOTED = re.compile(r""""(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
_DOTTED = re.compile(r"(?:\.[ \t]*[\w-]+[ \t]*){9}")

_Id = Annotated[str, Meta(min_length=1, max_length=16)]
_Text = Annotated[str, Meta(max_length=4000)]
_Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
_NoDigest = Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")]
_Side = Annotated[int, Meta(ge=32, le=4096, multiple_of=32)]
_Share = Annotated[float, Meta(ge=-0.5, le=0.5)]
_Count = Annotated[int, Meta(ge=0, le=MAX_LANDMARKS)]
_Factor = Annotated[float, Meta(ge=1e-3, le=1e3)]
_Number = Annotated[float, Meta(ge=-1e4, le=1e4)]
_Figure = Annotated[float, Meta(ge=-1e9, le=1e9)]
_Numbers = Annotated[tuple[_Number, ...], Meta(max_length=32)]
_Readout = Literal["expectation", "regression"]


class _Ellipses(Struct, forbid_unknown_fields=True, frozen=True):
    signs: Annotated[tuple[_Id | Annotated[str, Meta(max_length=40)], ...], Meta(max_length=32)]
    centre: _Numbers
    spread: _Numbers
    weights: _Numbers
    bend: Annotated[float, Meta(ge=0, le=1)]
    level: _Factor
    landmarks: dict[str, tuple[_Number, _Number, _Number, _Number]]


class _Calibration(Struct, forbid_unknown_fields=True, frozen=True):
    coarse_factor: _Factor = 1.0
    refined_factor: _Factor = 1.0
    ellipses: _Ellipses | None = None


class _Network(Struct, forbid_unknown_fields=True, frozen=True):
    """Sizes of which the largest network takes some hundred megabytes; defaults are not used."""

    backbone: Annotated[str, Meta(max_length=40)] = ""
    width: Annotated[int, Meta(ge=4, le=512)] = 4
    fine_width: Annotated[int, Meta(ge=4, le=128)] = 4
    heads: Annotated[int, Meta(ge=1, le=16)] = 1
    feed_forward: Annotated[int, Meta(ge=1, le=2048)] = 1
    reference_layers: Annotated[int, Meta(ge=0, le=8)] = 0
    windows: Annotated[tuple[Annotated[int, Meta(ge=3, le=65)], ...], Meta(max_length=6)] = ()
    frozen_blocks: Annotated[int, Meta(ge=0, le=100)] = 0
    self_attention: bool = True
    coarse_readout: _Readout = "expectation"
    fine_readout: _Readout = "expectation"
    added: _Count = 0


class _Description(Struct, forbid_unknown_fields=True, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    landmark_set: _Id
    landmarks: Annotated[tuple[_Id, ...], Meta(min_length=1, max_length=MAX_LANDMARKS)]
    input_size: tuple[_Side, _Side]
    sha256: _Digest
    parent: _NoDigest = ""
    created: Annotated[str, Meta(max_length=40)] = ""
    terms: _Text = ""
    trained_on: _Text = ""
    data_digest: Annotated[str, Meta(max_length=100)] = ""
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] = 0
    metrics: dict[str, _Figure] = {}
    calibration: _Calibration = _Calibration()
    convention: dict[str, tuple[_Share, _Share]] = {}
    network: _Network = _Network()
    has_close_looks: bool = False
    settings: dict[str, Any] = {}
    added_sets: dict[str, str] = {}
    description_sha256: _NoDigest = ""


def read_description(text: str) -> ModelInfo:
    """Read the text of model.toml. Raises ValueError with what is wrong, on one line."""
    data = _parsed(text)
    try:
        found = msgspec.convert(data, _Description)
    except msgspec.ValidationError as error:
        raise ValueError(shown(str(error))) from None
    for name in ("terms", "trained_on"):
        # A user may have given several lines.
        data[name] = " ".join(str(data.get(name, "")).split())
    for name in ("name", "terms", "trained_on", "created", "data_digest"):
        if not is_plain(data.get(name, "")):
            raise ValueError(f"its {name} holds characters that cannot be shown")
    if found.name.startswith(tuple(_FORMULA)) or set(found.name) & set("<>"):
        raise ValueError("its name looks like a formula or like markup")
    for key, value in found.metrics.items():
        if len(key) > 100 or not is_plain(key) or not math.isfinite(value):
            raise ValueError("a figure of its metrics is no number, or has no name")
    _check_settings(found.settings)
    info = ModelInfo(**{
        **data,
        "landmarks": found.landmarks,
        "input_size": found.input_size,
        "convention": found.convention,
    })  # fmt: skip
    _check_shape(found)
    check_landmarks(info)
    return info


def description_digest(table: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a description says of its model, as 64 hexadecimal digits.

    table: what model.toml holds, once parsed. Name, date and the account of the training have no
    part in it, nor has how the file is laid out.
    """
    covered = {key: value for key, value in table.items() if key not in _FREE}
    return hashlib.sha256(json.dumps(covered, sort_keys=True).encode()).hexdigest()


def digest_of_text(text: str) -> str:
    """Return description_digest of the text of model.toml. Raises ValueError."""
    return description_digest(_parsed(text))


def check_landmarks(info: ModelInfo) -> None:
    """Raise ValueError, a clause, where landmarks are not named as their landmark sets name them.

    Those that were added to the trained network may be a user's own, by the rules for these.
    """
    if not landmarks_of(info.landmark_set):
        raise ValueError(f"there is no landmark set {shown(info.landmark_set)}")
    folded = [landmark.casefold() for landmark in info.landmarks]
    if len(set(folded)) < len(folded):
        raise ValueError("it has a landmark twice")
    if strangers := set(info.added_sets) - set(info.added):
        raise ValueError(f"it names a set for {shown(min(strangers))}, which was not added")
    for landmark in info.landmarks:
        _check_landmark(landmark, info.set_of(landmark), landmark in info.added)
    if strangers := set(info.convention) - set(info.landmarks):
        raise ValueError(f"its convention is of {shown(min(strangers))}, which it does not place")


@cache
def landmarks_of(set_id: str) -> tuple[str, ...]:
    """Return the landmarks of a set that ships with the program; none where there is none such."""
    # Looked for among those that are there: an id is no path.
    there = {path.stem for path in (places.resources_dir() / "landmarks").glob("*.toml")}
    return places.load_landmark_set(set_id).ids if set_id in there else ()


def is_plain(text: object) -> bool:
    """Whether text can be shown on one line as it is: nothing in it controls, hides or reorders."""
    if not isinstance(text, str) or unicodedata.normalize("NFC", text) != text:
        return False
    return not any(unicodedata.category(c) in _UNSHOWN for c in text)


def shown(text: str) -> str:
    """Return foreign text, short and in quotes, fit for a message."""
    text = text if len(text) <= 160 else f"{text[:157]}..."
    return f"“{''.join(c if c.isprintable() else ascii(c)[1:-1] for c in text)}”"


def _parsed(text: str) -> dict[str, Any]:
    if '"""' in text or "'''" in text or _DOTTED.search(_QUOTED.sub("q", text)):
        raise ValueError("it is not written as the program writes it")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"it is no TOML: {shown(str(error))}") from None


def _check_landmark(landmark: str, set_id: str, is_added: bool) -> None:
    if known := landmarks_of(set_id):
        if landmark not in known:
            raise ValueError(f"the landmark set {set_id} has no {shown(landmark)}")
    elif not is_added or set_id not in ("", OWN):
        raise ValueError(f"there is no landmark set {shown(set_id)}")
    else:
        try:
            symbol = own_landmark(landmark, "name", "definition", "hard").id
        except ValueError:
            symbol = ""
        if symbol != landmark or not is_plain(landmark):
            raise ValueError(f"{shown(landmark)} cannot be the symbol of a landmark")


def _check_shape(found: _Description) -> None:
    if found.network.added >= len(found.landmarks):
        raise ValueError("all of its landmarks, or more, are said to be added")
    ellipses = found.calibration.ellipses
    if ellipses is not None and set(ellipses.landmarks) != set(found.landmarks):
        raise ValueError("its calibration is not of the landmarks that it places")
    if any(4 * side > min(found.input_size) for side in found.network.windows):
        raise ValueError("its windows are larger than its input")


def _check_settings(settings: Mapping[str, Any]) -> None:
    """Raise ValueError where an account of a training is larger or deeper than any is."""
    left = [(settings, 0)]
    count = 0
    while left:
        value, depth = left.pop()
        count += 1
        if depth > _DEEPEST or count > _MOST_SETTINGS:
            raise ValueError("its settings are larger or deeper than those of any training")
        if isinstance(value, dict):
            left += [(inner, depth + 1) for inner in (*value, *value.values())]
        elif isinstance(value, list):
            left += [(inner, depth + 1) for inner in value]
        elif isinstance(value, str):
            if len(value) > _LONGEST_SETTING or not is_plain(value):
                raise ValueError("its settings hold text that cannot be shown")
        elif not isinstance(value, bool | int | float) or not abs(value) < 1e30:
            raise ValueError("its settings hold what is neither text nor a number")

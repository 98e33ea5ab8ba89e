"""Names that every system takes for a file; Windows refuses the most."""

import re

_REFUSED = re.compile(r'\s*[<>:"/\\|?*\x00-\x1f\x7f]+\s*')
# Taken for devices, whatever ending follows.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])", re.I)
_LONGEST = 200


def portable_file_name(name: str) -> str:
    """Return a name, without folders, as near to this one as Windows, macOS and Linux take.

    Characters that one of them refuses become "-"; spaces and dots at the end go, and the name of
    a device gets a "_". Of more than 200 characters the ending stays. Never empty.
    """
    name = _REFUSED.sub("-", name).strip().rstrip(". ")
    if len(name) > _LONGEST:
        stem, dot, ending = name.rpartition(".")
        is_ending = bool(stem) and len(ending) <= 12
        name = stem[: _LONGEST - len(ending) - 1] + dot + ending if is_ending else name[:_LONGEST]
        name = name.rstrip(". ")
    stem, dot, rest = name.partition(".")
    if _DEVICES.fullmatch(stem.rstrip()):
        name = f"{stem.rstrip()}_{dot}{rest}"
    return name or "unnamed"

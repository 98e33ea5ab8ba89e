"""A workspace's address as it may be shown: a folder, or a database URL without its password.

A password that comes in an address is taken out where it enters the program. Windows, notices,
lists, files and logs are given the rest, and only the connection itself asks for the whole.
"""

import re

# The scheme of a URL has two letters at least, or it would be a drive of Windows. A password that
# is not written as it should be may hold "@" and "/" itself, so its end is the last "@".
_USER = re.compile(r"(\b[A-Za-z][\w+.-]+:/{1,3}[^\s:/@?]*):\S*@")
_SCHEME = re.compile(r"[A-Za-z][\w+.-]+:/")
_OPTION = re.compile(r"([?&]\w*(?:password|passwd|pwd)\w*=)[^&\s]*", re.IGNORECASE)
_HIDDEN = "***"

_whole: dict[str, str] = {}


def is_address(place: str) -> bool:
    """Whether a workspace is named by a database URL and not by a folder."""
    return _SCHEME.match(place) is not None


def without_passwords(text: str) -> str:
    """Return a text with *** for the password of each database URL in it."""
    return _OPTION.sub(rf"\g<1>{_HIDDEN}", _USER.sub(rf"\g<1>:{_HIDDEN}@", text))


def taken(place: str) -> str:
    """Take the password out of a workspace's address, and keep it for whole() of this process."""
    shown = without_passwords(place)
    if is_address(place) and shown != place:
        _whole[shown] = place
    return shown


def whole(shown: str) -> str:
    """Return an address with the password that was taken out of it, if one was."""
    return _whole.get(shown, shown)


def has_password(shown: str) -> bool:
    """Whether a password was taken out of an address."""
    return shown in _whole

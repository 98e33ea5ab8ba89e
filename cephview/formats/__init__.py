"""Files to and from the values of core. Opening never writes."""

from cephview.formats.errors import FormatError

__all__ = ["FormatError"]

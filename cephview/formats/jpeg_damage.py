"""Whether a JPEG holds all of its pixels: libjpeg warns where not, and fills up with grey.

Pillow and GDCM drop these warnings; simplejpeg, on the same library, can be told to stop at one.
"""

import re

# Of the warnings these alone cost a part of the picture; others are of its header, or harmless.
_LOST = ("premature end of data segment", "bad Huffman code", "bad arithmetic code",
         "Inconsistent progression", "instead of RST")  # fmt: skip
_LEFT_OVER = re.compile(r"(\d+) extraneous bytes before marker 0x(?:c4|d[0-9a])")
_PADDING = b"\x00\xff"


def is_damaged(stream: bytes) -> bool:
    """Say whether a baseline or progressive JPEG lacks pixels, or holds more than its size takes.

    stream ends with its end marker. False also for a stream that is no such JPEG.
    """
    # Imported here, so that a film of another kind does not wait for it.
    import simplejpeg  # type: ignore[import-untyped]

    try:
        # At an eighth of its size: the damage is in the coding, which is read whole all the same.
        simplejpeg.decode_jpeg(stream, colorspace="GRAY", strict=True, min_factor=8)
    except ValueError as error:
        warning = str(error)
    else:
        return False
    if any(lost in warning for lost in _LOST):
        return True
    left_over = _LEFT_OVER.search(warning)
    if left_over is None:
        return False
    # Some cameras fill up to a round length before the end marker.
    end, count = stream.rfind(b"\xff\xd9"), int(left_over[1])
    return bool(stream[end - count : end].strip(_PADDING))

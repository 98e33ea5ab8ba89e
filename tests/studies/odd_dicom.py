"""Study: which damaged or odd DICOM files open here, and which DCMTK opens.

Writes one synthetic film in several encodings, spoils every element of each in turn and the file as
a whole, and asks both. A picture counts as right where it is that of the sound file. Needs
`dcmj2pnm` (Debian: dcmtk), which is called for grey values of 16 bits without a window.

    python tests/studies/odd_dicom.py [--each]
"""

import argparse
import random
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.datadict import keyword_for_tag

from cephview.formats import FormatError, open_film
from cephview.formats.dicom_write import COMPRESSIONS, write_film_dicom

LONG = (b"OB", b"OW", b"SQ", b"UN", b"UT")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", action="store_true", help="print every file, not the sums alone")
    args = parser.parse_args()
    counts: Counter[tuple[str, str, str]] = Counter()
    with tempfile.TemporaryDirectory(prefix="cephview-study-") as folder:
        for compression in ("none", "rle", "jpeg-ls", "jpeg-2000"):
            assert compression in COMPRESSIONS
            sound = Path(folder, "sound.dcm")
            write(sound, compression)
            ours, theirs = here(sound), dcmtk(sound)
            for kind, name, data in spoilt(sound.read_bytes()):
                path = Path(folder, "film.dcm")
                path.write_bytes(data)
                verdict = judged(here(path), ours), judged(dcmtk(path), theirs)
                counts[kind, *verdict] += 1
                if args.each:
                    print(f"{compression:<10}{kind:<12}{name:<34}{verdict[0]:<8}{verdict[1]}")
    print(f"{'what':<12}{'cephview':<10}{'DCMTK':<10}files")
    for (kind, one, other), count in sorted(counts.items()):
        print(f"{kind:<12}{one:<10}{other:<10}{count}")
    return 0


def write(path: Path, compression: str) -> None:
    y, x = np.mgrid[0:200, 0:160]
    pixels = ((np.sin(x / 9) + np.cos(y / 13) + 2) * 1000 + (x * 7 + y * 3) % 50).astype(np.uint16)
    write_film_dicom(
        path, pixels, bits_stored=12, imager_pixel_spacing_mm=(0.1, 0.1), magnification=1.1,
        patient_id="X", synthetic=True, compression=compression,
    )  # fmt: skip


def spoilt(data: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Yield the kind of damage, its name, and a file that has it."""
    for name, start, value, end, size in elements(data):
        head, length = data[start:value], end - value
        yield "left out", name, data[:start] + data[end:]
        yield "empty", name, data[: value - size] + bytes(size) + data[end:]
        yield "no text", name, data[:value] + b"?" * length + data[end:]
        yield "VR unknown", name, data[:start] + head[:4] + b"??" + head[6:] + data[value:]
        yield (
            "VR UN",
            name,
            (data[:start] + head[:4] + b"UN\0\0" + struct.pack("<I", length) + data[value:]),
        )
        odd = struct.pack("<H" if size == 2 else "<I", length + 1)
        yield "odd length", name, data[: value - size] + odd + data[value:end] + b" " + data[end:]
    for missing in (1, 2, 7, 8, 9, 16, 40):
        yield "cut", f"{missing} bytes", data[:-missing]
    for part in (0.99, 0.9, 0.5):
        yield "cut", f"to {part:.0%}", data[: int(part * len(data))]
    for name, more in (("zeros", bytes(2048)), ("letters", b"junk" * 99), ("a byte", b"\0")):
        yield "more", name, data + more
    yield "preamble", "without", data[132:]
    yield "preamble", "of another kind", b"II*\0" + data[4:]
    yield "preamble", "no group 2", data[:128] + data[body(data) :]
    rng = random.Random(1)
    for n in range(60):
        at = rng.randrange(132, 900)
        yield "a byte", f"{n} at {at}", data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def elements(data: bytes) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield name, start, start of the value, end and size of the length of elements."""
    at = 132
    while data[at : at + 4] != b"\xe0\x7f\x10\x00":
        group, number = struct.unpack_from("<HH", data, at)
        size = 4 if data[at + 4 : at + 6] in LONG else 2
        value = at + (12 if size == 4 else 8)
        length = int.from_bytes(data[value - size : value], "little")
        if length == 0xFFFFFFFF:
            length = data.index(b"\xfe\xff\xdd\xe0", value) + 8 - value
        elif group > 2:
            name = keyword_for_tag((group << 16) + number) or f"{group:04x},{number:04x}"
            yield name, at, value, value + length, size
        at = value + length


def body(data: bytes) -> int:
    return 144 + int.from_bytes(data[140:144], "little")


def here(path: Path) -> "np.ndarray | str":
    try:
        return open_film(path).pixels
    except FormatError as error:
        return str(error)


def dcmtk(path: Path) -> "np.ndarray | str":
    out = path.with_suffix(".pgm")
    out.unlink(missing_ok=True)
    command = ["dcmj2pnm", "+opw", "+Wn", str(path), str(out)]
    if dcmtk_cannot(path):
        return "an encoding it lacks"
    try:
        subprocess.run(command, capture_output=True, timeout=30, check=True)
        lines = [each for each in out.read_bytes().split(b"\n") if not each.startswith(b"#")]
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return str(error)
    # P2, width and height, white, and the greys as letters.
    return np.array(b" ".join(lines[3:]).split(), np.uint16)


def dcmtk_cannot(path: Path) -> bool:
    try:
        return (
            "JPEG 2000" in dcmread(path, stop_before_pixels=True).file_meta.TransferSyntaxUID.name
        )
    except Exception:
        return False


def judged(found: "np.ndarray | str", sound: "np.ndarray | str") -> str:
    if isinstance(found, str) or isinstance(sound, str):
        return "-" if isinstance(sound, str) else "refused"
    is_same = found.size == sound.size and np.array_equal(found.ravel(), sound.ravel())
    return "right" if is_same else "WRONG"


if __name__ == "__main__":
    sys.exit(main())

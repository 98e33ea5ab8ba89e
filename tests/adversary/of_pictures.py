"""PNG, JPEG, BMP, TIFF and WebP films, spoilt by their chunks, segments and directories."""

import io
import random
import struct
import zlib
from collections.abc import Callable, Iterator

import tifffile
from PIL import Image
from specimen import Spoilt, anywhere, number, picture

Spoiler = Callable[[random.Random, bytes], Spoilt]


def sound() -> Iterator[tuple[str, str, bytes, Spoiler]]:
    """Yield name, suffix, bytes and spoiler of films in each kind of picture file."""
    eight, sixteen = Image.fromarray(picture(8)), picture(16)

    def saved(image: Image.Image, kind: str, **options: object) -> bytes:
        out = io.BytesIO()
        image.save(out, kind, **options)
        return out.getvalue()

    yield "PNG 8 bits", ".png", saved(eight, "PNG", dpi=(150, 150)), spoil_png
    yield "PNG 16 bits", ".png", saved(Image.fromarray(sixteen), "PNG"), spoil_png
    yield "PNG palette", ".png", saved(eight.convert("P"), "PNG"), spoil_png
    yield "PNG colour", ".png", saved(eight.convert("RGB"), "PNG"), spoil_png
    yield "JPEG", ".jpg", saved(eight, "JPEG", quality=95, dpi=(150, 150)), spoil_jpeg
    yield "JPEG progressive", ".jpg", saved(eight, "JPEG", progressive=True), spoil_jpeg
    yield "JPEG colour", ".jpg", saved(eight.convert("RGB"), "JPEG"), spoil_jpeg
    yield "BMP", ".bmp", saved(eight, "BMP"), spoil_bmp
    yield "BMP colour", ".bmp", saved(eight.convert("RGB"), "BMP"), spoil_bmp
    yield "WebP", ".webp", saved(eight, "WEBP", lossless=True), anywhere
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        data = saved(eight, "TIFF", compression=compression, dpi=(150, 150))
        yield f"TIFF {compression}", ".tif", data, spoil_tiff
    for name, options in (
        ("16 bits", {}), ("tiles", {"tile": (64, 64)}), ("deflate", {"compression": "zlib"}),
        ("big-endian", {"byteorder": ">"}), ("BigTIFF", {"bigtiff": True}),
        ("strips", {"rowsperstrip": 16}),
    ):  # fmt: skip
        out = io.BytesIO()
        tifffile.imwrite(out, sixteen, photometric="minisblack", **options)
        is_plain = name not in ("big-endian", "BigTIFF")
        yield f"TIFF {name}", ".tif", out.getvalue(), spoil_tiff if is_plain else anywhere


def spoil_png(rng: random.Random, data: bytes) -> Spoilt:
    """Spoil a PNG; every chunk keeps a sum that fits, so that what it says is believed."""
    if rng.random() < 0.25:
        return anywhere(rng, data)
    chunks, at = [], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    i = rng.randrange(len(chunks))
    kind, content = chunks[i]
    keeps = kind in (b"pHYs", b"tEXt", b"iTXt", b"tIME")
    what = kind.decode("latin-1")
    match rng.randrange(6):
        case 0:
            del chunks[i]
            what += " left out"
        case 1:
            chunks.insert(rng.randrange(len(chunks) + 1), (kind, content))
            what, keeps = what + " twice", keeps
        case 2 | 3:
            i = rng.choice((0, i))
            kind, content = chunks[i]
            size = rng.choice((1, 4))
            place = rng.randrange(max(len(content) - size, 0) + 1)
            new = number(rng, size, "big")
            chunks[i] = (kind, content[:place] + new + content[place + size :])
            what, keeps = f"{kind.decode('latin-1')}[{place}] = {new.hex()}", kind == b"pHYs"
        case 4:
            bomb = zlib.compress(bytes(rng.choice((10**5, 10**7, 10**8))))
            text = rng.choice((b"zTXt", b"iCCP", b"iTXt"))
            chunks.insert(1, (text, b"a\0\0" + (b"\0\0" if text == b"iTXt" else b"") + bomb))
            what, keeps = f"a bomb in {text.decode()}", True
        case _:
            rng.shuffle(chunks)
            what, keeps = "chunks in another order", False
    out = data[:8]
    for kind, content in chunks:
        total = zlib.crc32(kind + content).to_bytes(4, "big")
        out += len(content).to_bytes(4, "big") + kind + content + total
    return Spoilt(out, what, keeps)


def spoil_jpeg(rng: random.Random, data: bytes) -> Spoilt:
    """Spoil a JPEG by its segments."""
    if rng.random() < 0.25:
        return anywhere(rng, data)
    segments, at = [], 2
    while data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        segments.append(data[at : at + 2 + length])
        at += 2 + length
    scans = data[at:]
    i = rng.randrange(len(segments))
    one = segments[i]
    name = f"segment {one[1]:02x}"
    match rng.randrange(6):
        case 0:
            del segments[i]
            what = f"{name} left out"
        case 1:
            times = rng.choice((1, 100))
            segments[i:i] = [one] * times
            what = f"{name} {times} times more"
        case 2 | 3:
            frames = [s for s in segments if 0xC0 <= s[1] <= 0xCF and s[1] not in (0xC4, 0xC8)]
            one = rng.choice((one, *frames))
            i = segments.index(one)
            size = rng.choice((1, 2))
            place = rng.randrange(4, max(len(one) - size, 4) + 1)
            new = number(rng, size, "big")
            segments[i] = one[:place] + new + one[place + size :]
            what = f"segment {one[1]:02x}[{place}] = {new.hex()}"
        case 4:
            scans = scans[:-2] * rng.choice((2, 20)) + scans[-2:]
            what = "scans repeated"
        case _:
            segments[i] = one[:2] + number(rng, 2, "big") + one[4:]
            what = f"{name} of another length"
    # A JPEG does not say how much of it there should be: fewer rows look like a whole picture.
    return Spoilt(data[:2] + b"".join(segments) + scans, what, may_shrink=True)


def spoil_bmp(rng: random.Random, data: bytes) -> Spoilt:
    """Spoil a number of a BMP's headers."""
    if rng.random() < 0.25:
        return anywhere(rng, data)
    at, size = rng.choice(
        ((2, 4), (10, 4), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2), (30, 4), (34, 4), (38, 4),
         (42, 4), (46, 4), (50, 4))
    )  # fmt: skip
    new = number(rng, size)
    return Spoilt(data[:at] + new + data[at + size :], f"header[{at}] = {new.hex()}",
                  keeps_picture=at in (2, 6, 38, 42))  # fmt: skip


def spoil_tiff(rng: random.Random, data: bytes) -> Spoilt:
    """Spoil an entry of a little-endian TIFF's first directory."""
    if rng.random() < 0.25:
        return anywhere(rng, data)
    start = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[start : start + 2], "little")
    at = start + 2 + 12 * rng.randrange(count)
    tag = int.from_bytes(data[at : at + 2], "little")
    keeps = tag in (270, 271, 272, 282, 283, 296, 305, 306, 315)
    # A packed strip says how much it holds to nobody but its decoder, which is not asked twice.
    is_packed = any(
        data[start + 2 + 12 * n :][:2] == b"\x03\x01" and data[start + 10 + 12 * n] != 1
        for n in range(count)
    )
    match rng.randrange(7):
        case 0 | 1 | 2:
            kind = int.from_bytes(data[at + 2 : at + 4], "little")
            new = number(rng, 2 if kind == 3 else 4).ljust(4, b"\0")
            changed = data[: at + 8] + new + data[at + 12 :]
            return Spoilt(changed, f"tag {tag} = {new.hex()}", keeps, tag == 257 and is_packed)
        case 3:
            new = number(rng, 4)
            return Spoilt(data[: at + 4] + new + data[at + 8 :], f"tag {tag} {new.hex()} times",
                          keeps)  # fmt: skip
        case 4:
            new = struct.pack("<H", rng.choice((0, 1, 2, 3, 4, 5, 6, 9, 12, 13, 16, 99)))
            return Spoilt(data[: at + 2] + new + data[at + 4 :], f"tag {tag} of type {new.hex()}",
                          keeps)  # fmt: skip
        case 5:
            end = start + 2 + 12 * count
            following = rng.choice((start, 8, len(data), 2**32 - 1, end, 1))
            new = struct.pack("<I", following)
            return Spoilt(data[:end] + new + data[end + 4 :], f"another directory at {following}")
        case _:
            new = struct.pack("<H", rng.choice((0, 1, 2000, 65535)))
            return Spoilt(data[:start] + new + data[start + 2 :], f"a directory of {new.hex()}")

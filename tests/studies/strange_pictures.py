"""Pictures that are no lateral cephalograms, and films varied and spoilt.

All are (height, width) uint8. Drawings are crude on purpose: what matters is that a detector that
finds a face in any picture does not call them usual.
"""

import io
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy.ndimage import gaussian_filter

WIDTH, HEIGHT = 967, 1200
MM_PER_PX = 0.1

Grey = np.ndarray
Points = np.ndarray


def strange(rng: np.random.Generator, count: int) -> dict[str, Callable[[], Iterator[Grey]]]:
    """Return, by kind, what yields pictures that are no cephalograms."""

    def drawn(draw: Callable[[np.random.Generator], Grey]) -> Callable[[], Iterator[Grey]]:
        return lambda: (draw(rng) for _ in range(count))

    return {
        "noise, white": drawn(lambda r: r.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)),
        "noise, clouds": drawn(clouds),
        "gradient": drawn(gradient),
        "one grey": drawn(lambda r: np.full((HEIGHT, WIDTH), r.integers(0, 256), np.uint8)),
        "photograph": photographs,
        "text page": drawn(text_page),
        "chest, drawn": drawn(chest),
        "hand, drawn": drawn(hand),
        "panoramic, drawn": drawn(panoramic),
    }


def clouds(rng: np.random.Generator) -> Grey:
    total = sum(
        gaussian_filter(rng.normal(0, 1, (HEIGHT // 4, WIDTH // 4)), s) * s for s in (2, 6, 18, 50)
    )
    return stretched(np.kron(total, np.ones((4, 4))))


def gradient(rng: np.random.Generator) -> Grey:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    angle = rng.uniform(0, 2 * np.pi)
    return stretched(np.cos(angle) * x + np.sin(angle) * y)


def photographs() -> Iterator[Grey]:
    """The photographs and micrographs that scikit-image brings along."""
    from skimage import data

    for name in (
        "astronaut", "brick", "camera", "cat", "cell", "clock", "coffee", "coins", "grass",
        "gravel", "hubble_deep_field", "immunohistochemistry", "moon", "page", "retina", "rocket",
        "text",
    ):  # fmt: skip
        picture = getattr(data, name)()
        grey = picture if picture.ndim == 2 else picture[..., :3].mean(axis=-1)
        yield np.clip(grey, 0, 255).astype(np.uint8)


def text_page(rng: np.random.Generator) -> Grey:
    page = Image.new("L", (WIDTH, HEIGHT), int(rng.integers(225, 256)))
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(int(rng.integers(16, 34)))
    y = int(rng.integers(40, 120))
    while y < HEIGHT - 80:
        letters = "".join(rng.choice(list("abcdefghijklmnoprstuvw     "), 70))
        draw.text((60, y), letters, fill=int(rng.integers(0, 70)), font=font)
        y += int(rng.integers(28, 44))
    return np.asarray(page)


def chest(rng: np.random.Generator) -> Grey:
    film, draw = canvas(120, rng)
    w, h = film.size
    for side in (-1, 1):
        middle = w / 2 + side * w * 0.22
        draw.ellipse((middle - w * 0.16, h * 0.15, middle + w * 0.16, h * 0.75), fill=45)
        for i in range(9):
            y = h * (0.14 + 0.065 * i)
            box = (middle - w * 0.22, y, middle + w * 0.22, y + h * 0.16)
            draw.arc(box, 180, 360, fill=110, width=14)
    draw.rectangle((w * 0.46, 0, w * 0.54, h), fill=190)
    draw.ellipse((w * 0.42, h * 0.42, w * 0.72, h * 0.74), fill=175)
    return finished(film, rng)


def hand(rng: np.random.Generator) -> Grey:
    film, draw = canvas(20, rng)
    w, h = film.size
    draw.ellipse((w * 0.3, h * 0.6, w * 0.72, h * 0.88), fill=110)
    for i, length in enumerate((0.3, 0.42, 0.46, 0.42, 0.32)):
        foot = (w * (0.32 + 0.09 * i), h * 0.68)
        angle = np.deg2rad(-115 + 17 * i + rng.uniform(-3, 3))
        start = foot
        for part in (0.45, 0.3, 0.25):
            end = (
                start[0] + np.cos(angle) * length * part * h,
                start[1] + np.sin(angle) * length * part * h,
            )
            draw.line((*start, *end), fill=90, width=64)
            draw.line((*start, *end), fill=210, width=30)
            start = (end[0] + np.cos(angle) * 8, end[1] + np.sin(angle) * 8)
    draw.rectangle((w * 0.42, h * 0.86, w * 0.5, h), fill=200)
    draw.rectangle((w * 0.54, h * 0.86, w * 0.6, h), fill=190)
    return finished(film, rng)


def panoramic(rng: np.random.Generator) -> Grey:
    film = Image.new("L", (1400, 700), 60)
    draw = ImageDraw.Draw(film)
    draw.arc((120, -340, 1280, 620), 20, 160, fill=170, width=90)
    for row, y in (("upper", 300), ("lower", 400)):
        for i in range(16):
            x = 270 + i * 57
            sag = 60 * (1 - ((i - 7.5) / 7.5) ** 2)
            tall = 90 if row == "upper" else 80
            top = y + sag - (tall if row == "upper" else 0)
            draw.rounded_rectangle(
                (x, top, x + 46, top + tall), 16, fill=int(rng.integers(190, 245))
            )
    for side in (90, 1230):
        draw.rectangle((side, 120, side + 80, 480), fill=150)
    return finished(film, rng)


def canvas(grey: int, rng: np.random.Generator) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    film = Image.new("L", (WIDTH, HEIGHT), int(np.clip(grey + rng.integers(-15, 16), 0, 255)))
    return film, ImageDraw.Draw(film)


def finished(film: Image.Image, rng: np.random.Generator) -> Grey:
    soft = film.filter(ImageFilter.GaussianBlur(float(rng.uniform(2, 6)))).rotate(
        rng.uniform(-4, 4)
    )
    seen = np.asarray(soft, float) + rng.normal(0, rng.uniform(2, 8), (film.height, film.width))
    return np.clip(seen, 0, 255).astype(np.uint8)


def stretched(values: np.ndarray) -> Grey:
    low, high = values.min(), values.max()
    return ((values - low) / (high - low) * 255).astype(np.uint8)


# ---- films, varied: pixels and points in, pixels and points out; NaN what is cut off ------------


def rotated(pixels: Grey, points: Points, degrees: float) -> tuple[Grey, Points]:
    """Turn about the middle; the film's grey goes on beyond its edges."""
    height, width = pixels.shape
    fill = int(np.median(np.r_[pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]))
    turned = Image.fromarray(pixels).rotate(-degrees, Image.Resampling.BILINEAR, fillcolor=fill)
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    return np.asarray(turned), on_film((points - middle) @ turn.T + middle, (height, width))


def resampled(pixels: Grey, points: Points, factor: float) -> tuple[Grey, Points]:
    """The same film with more or fewer pixels."""
    size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    scale = np.array(size) / np.array(pixels.shape[::-1])
    kind = Image.Resampling.BOX if factor < 1 else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(pixels).resize(size, kind)), (points + 0.5) * scale - 0.5


def framed(pixels: Grey, points: Points, factor: float) -> tuple[Grey, Points]:
    """A head smaller or larger in a film of the same size.

    Around a smaller one lies the grain of an exposed film, which is no flat border.
    """
    height, width = pixels.shape
    if factor > 1:
        middle = np.nanmean(points, axis=0)
        size = np.array([width, height]) / factor
        corner = np.clip(middle - size / 2, 0, np.array([width, height]) - size).astype(int)
        stop = corner + size.astype(int)
        return cut(pixels, points, (corner[0], corner[1], stop[0], stop[1]))
    small, moved = resampled(pixels, points, factor)
    rng = np.random.default_rng(0)
    around = np.clip(rng.normal(float(np.median(pixels[:40])), 6, pixels.shape), 0, 255)
    left, top = (width - small.shape[1]) // 2, (height - small.shape[0]) // 2
    film = around.astype(np.uint8)
    film[top : top + small.shape[0], left : left + small.shape[1]] = small
    return film, moved + np.array([left, top])


def cut(pixels: Grey, points: Points, box: tuple[int, int, int, int]) -> tuple[Grey, Points]:
    """Keep a box, (left, top, right, bottom); right and bottom are not part of it."""
    left, top, right, bottom = (int(v) for v in box)
    kept = np.ascontiguousarray(pixels[top:bottom, left:right])
    return kept, on_film(points - (left, top), kept.shape)


def share_cut(
    pixels: Grey, points: Points, left: float, top: float, right: float, bottom: float
) -> tuple[Grey, Points]:
    """Cut shares off the edges."""
    height, width = pixels.shape
    box = (left * width, top * height, (1 - right) * width, (1 - bottom) * height)
    return cut(pixels, points, tuple(round(v) for v in box))


def bordered(pixels: Grey, points: Points, share: float) -> tuple[Grey, Points]:
    """A black border of a share of the film's sides all round."""
    height, width = pixels.shape
    across, down = round(width * share), round(height * share)
    return np.pad(pixels, ((down, down), (across, across))), points + np.array([across, down])


def gamma(pixels: Grey, exponent: float) -> Grey:
    return ((pixels / 255) ** exponent * 255).round().astype(np.uint8)


def noisy(pixels: Grey, share: float) -> Grey:
    """Noise of so large a standard deviation, as a share of the range, in every pixel."""
    grain = np.random.default_rng(0).normal(0, share * 255, pixels.shape)
    return np.clip(pixels + grain, 0, 255).astype(np.uint8)


def blurred(pixels: Grey, sigma_mm: float, mm_per_px: float = MM_PER_PX) -> Grey:
    radius = sigma_mm / mm_per_px
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))


def jpeg(pixels: Grey, quality: int) -> Grey:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def depth(pixels: Grey, bits: int) -> Grey:
    """A film of so many bits: more have new values between the old ones, fewer lose steps."""
    if bits <= 8:
        step = 2 ** (8 - bits)
        return (pixels // step * step).astype(np.uint8)
    soft = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(0.5)), np.float32)
    return (soft * (2**bits - 1) / 255).round().astype(np.uint16)


def symmetrised(pixels: Grey, points: Points) -> Grey:
    """Something like a frontal film: the face, and its mirror image joined to it."""
    right = pixels[:, int(np.nanmean(points[:, 0])) :]
    return np.ascontiguousarray(np.concatenate([right[:, ::-1], right], axis=1))


def on_film(points: Points, shape: tuple[int, ...]) -> Points:
    """Return points with NaN for those that lie off a film of (height, width)."""
    x, y = points[:, 0], points[:, 1]
    with np.errstate(invalid="ignore"):
        off = (x < -0.5) | (y < -0.5) | (x > shape[1] - 0.5) | (y > shape[0] - 0.5)
    return np.where(off[:, None], np.nan, points)

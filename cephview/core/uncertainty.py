"""How far a predicted point may be off, as an ellipse."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Covariance:
    """The covariance of a predicted point's error: variances along x and y and between them, px².

    x right, y down. Raises ValueError unless it is finite and positive definite.
    """

    xx: float
    xy: float
    yy: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in (self.xx, self.xy, self.yy)):
            raise ValueError("a covariance must be finite")
        if self.xx <= 0 or self.yy <= 0 or self.xx * self.yy - self.xy**2 <= 0:
            raise ValueError(f"no ellipse has the covariance {self.xx}, {self.xy}, {self.yy}")

    @classmethod
    def round(cls, sigma: float) -> "Covariance":
        """Return the covariance of one standard deviation in every direction."""
        return cls(sigma**2, 0.0, sigma**2)

    @property
    def sigma(self) -> float:
        """The standard deviation of one coordinate, as the mean over all directions, px."""
        return math.sqrt((self.xx + self.yy) / 2)

    def scaled(self, x: float, y: float) -> "Covariance":
        """Return the covariance in another unit: so many of it are a pixel's width and height."""
        return Covariance(self.xx * x * x, self.xy * x * y, self.yy * y * y)

    def ellipse(self, share: float = 0.95) -> tuple[float, float, float]:
        """Return half axes, the longer first, and the longer one's angle, of the ellipse that holds
        so large a share of the errors.

        The angle is in radians from x towards y (clockwise on screen), in (-pi/2, pi/2]. The errors
        are taken to be normal in two dimensions: the squared Mahalanobis distance is chi-squared
        with two degrees of freedom, whose quantile is -2 ln(1 - share).
        """
        reach = math.sqrt(-2 * math.log1p(-share))
        middle, half = (self.xx + self.yy) / 2, (self.xx - self.yy) / 2
        spread = math.hypot(half, self.xy)
        angle = 0.5 * math.atan2(self.xy, half)
        small = max(middle - spread, 1e-12)
        return reach * math.sqrt(middle + spread), reach * math.sqrt(small), angle

    def distance(self, dx: float, dy: float) -> float:
        """Return the Mahalanobis distance of an error (px)."""
        determinant = self.xx * self.yy - self.xy**2
        squared = (self.yy * dx * dx - 2 * self.xy * dx * dy + self.xx * dy * dy) / determinant
        return math.sqrt(max(0.0, squared))

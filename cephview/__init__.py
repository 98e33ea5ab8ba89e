"""Lateral cephalograms: landmarks placed by a local model, corrected by hand, exported."""

__version__ = "0.1.0"

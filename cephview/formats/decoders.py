"""Which decoder reads which DICOM transfer syntax.

Each has its own, named here, so that what else happens to be installed changes nothing. None of
them is under the GPL, which is why pylibjpeg-libjpeg is not among them.
"""

from pydicom import uid
from pydicom.pixels.decoders.base import get_decoder

NATIVE = (
    uid.ImplicitVRLittleEndian,
    uid.ExplicitVRLittleEndian,
    uid.ExplicitVRBigEndian,
    uid.DeflatedExplicitVRLittleEndian,
)
"""Transfer syntaxes of pixels that are not encoded."""

DECODERS: dict[uid.UID, str] = {
    uid.RLELossless: "pydicom",
    uid.JPEGBaseline8Bit: "pillow",
    uid.JPEGExtended12Bit: "pillow",
    uid.JPEGLossless: "gdcm",
    uid.JPEGLosslessSV1: "gdcm",
    uid.JPEGLSLossless: "pyjpegls",
    uid.JPEGLSNearLossless: "pyjpegls",
    uid.JPEG2000Lossless: "pylibjpeg",
    uid.JPEG2000: "pylibjpeg",
    uid.HTJ2KLossless: "pylibjpeg",
    uid.HTJ2KLosslessRPCL: "pylibjpeg",
    uid.HTJ2K: "pylibjpeg",
}
"""Transfer syntax to the pydicom plug-in for it; what is GDCM's, gdcm_decode asks it itself.

12-bit JPEG Extended goes to GDCM as well.
"""


def is_available(syntax: uid.UID) -> bool:
    """Say whether pixels of a transfer syntax can be decoded on this machine."""
    if syntax in NATIVE:
        return True
    return syntax in DECODERS and DECODERS[syntax] in get_decoder(syntax).available_plugins


def available_decoders() -> dict[str, bool]:
    """Return, by the name of each encoding that films come in, whether it can be decoded here."""
    return {syntax.name: is_available(syntax) for syntax in DECODERS}

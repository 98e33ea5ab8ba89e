"""Decode one frame of a DICOM file with GDCM, for a program that must outlive it.

GDCM ends the process it runs in when a frame is damaged in some ways; there is no catching that. So
it has this process: the frame on standard input, the pixels on standard output. Imports nothing
else, to be up in a tenth of a second.
"""

import argparse
import sys

HELP = "Decode a frame with GDCM: compressed on standard input, pixels on standard output."
EXAMPLE = "cephview decode-frame 2400 1935 1 16 12 0 10 < frame.jpg > pixels"

_NUMBERS = {
    "rows": "rows of the picture",
    "columns": "columns of the picture",
    "samples": "samples a pixel",
    "bits_allocated": "bits a sample takes",
    "bits_stored": "bits of a sample that count",
    "signed": "0 or 1",
    "syntax": "the number that GDCM gives the transfer syntax",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    for name, what in _NUMBERS.items():
        parser.add_argument(name, type=int, help=what)


def run(args: argparse.Namespace) -> int:
    try:
        pixels = _decoded(args, sys.stdin.buffer.read())
    except Exception as error:  # GDCM raises what it likes; whoever asked says it of the film
        print(f"cephview: {error}", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(pixels)
    return 0


def _decoded(args: argparse.Namespace, frame: bytes) -> bytes:
    import gdcm  # type: ignore[import-untyped]

    for switch_off in (gdcm.Trace.DebugOff, gdcm.Trace.WarningOff, gdcm.Trace.ErrorOff):
        switch_off()
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((args.columns, args.rows, 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation
    image.SetPhotometricInterpretation(kind(kind.MONOCHROME2 if args.samples == 1 else kind.RGB))
    if args.samples > 1:
        image.SetPlanarConfiguration(0)
    image.SetTransferSyntax(gdcm.TransferSyntax(args.syntax))
    stored = args.bits_stored
    image.SetPixelFormat(
        gdcm.PixelFormat(args.samples, args.bits_allocated, stored, stored - 1, args.signed)
    )
    # GDCM hands char* over as str.
    return bytes(image.GetBuffer().encode("utf-8", "surrogateescape"))

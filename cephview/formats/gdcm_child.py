"""Decode one JPEG frame with GDCM, as a process of its own: frame on stdin, pixels on stdout.

GDCM ends the process it runs in when a frame is damaged in some ways; there is no catching that.
Run as a script, so that it imports nothing of this program and is up in a tenth of a second.
Arguments: rows, columns, samples a pixel, bits allocated, bits stored, signed (0 or 1),
the number that GDCM gives the transfer syntax.
"""

import sys


def main() -> None:
    import gdcm  # type: ignore[import-untyped]

    rows, columns, samples, bits_allocated, bits_stored, signed, syntax = map(int, sys.argv[1:])
    for switch_off in (gdcm.Trace.DebugOff, gdcm.Trace.WarningOff, gdcm.Trace.ErrorOff):
        switch_off()
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(sys.stdin.buffer.read())
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation
    image.SetPhotometricInterpretation(kind(kind.MONOCHROME2 if samples == 1 else kind.RGB))
    if samples > 1:
        image.SetPlanarConfiguration(0)
    image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    image.SetPixelFormat(
        gdcm.PixelFormat(samples, bits_allocated, bits_stored, bits_stored - 1, signed)
    )
    # GDCM hands char* over as str.
    sys.stdout.buffer.write(image.GetBuffer().encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    main()

"""Recordings as Ogg Opus, a quarter of the size of lossless files, with reproducible bytes."""

from io import BytesIO
from pathlib import Path
from zlib import crc32

KILOBITS = 48  # a second, as in most of the corpus
# offsets in an Ogg page (RFC 3533): serial number, checksum, number of segments, their sizes
SERIAL, CHECKSUM, COUNT, TABLE = 14, 22, 26, 27
MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def read_opus(path: Path) -> bytes:
    """The bytes of an Opus file of a recording; other formats are encoded at `KILOBITS`."""
    import soundfile

    if path.suffix == ".opus":
        return path.read_bytes()
    audio, rate = soundfile.read(path, dtype="float32")
    file = BytesIO()
    # libsndfile maps levels of 0 to 1 to 256 to 6 kbit/s a channel
    level = 1 - (KILOBITS - 6) / 250
    soundfile.write(file, audio, rate, format="OGG", subtype="OPUS", compression_level=level)
    return _with_serial(file.getvalue(), 0)


def _with_serial(ogg: bytes, serial: int) -> bytes:
    """The stream with a fixed serial number, as libsndfile draws a random one."""
    pages, start = [], 0
    while start < len(ogg):
        count = ogg[start + COUNT]
        stop = start + TABLE + count + sum(ogg[start + TABLE : start + TABLE + count])
        page = bytearray(ogg[start:stop])
        page[SERIAL : SERIAL + 4] = serial.to_bytes(4, "little")
        page[CHECKSUM : CHECKSUM + 4] = bytes(4)
        page[CHECKSUM : CHECKSUM + 4] = _checksum(bytes(page)).to_bytes(4, "little")
        pages.append(bytes(page))
        start = stop
    return b"".join(pages)


def _checksum(page: bytes) -> int:
    """Ogg's CRC: zlib's polynomial, highest bit first, without initial and final inversion."""
    mirrored = crc32(page.translate(MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)

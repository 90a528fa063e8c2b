"""Untrusted zip archives, read in memory with limits on their size.

The limits are against archives that unpack to far more than their size. They were chosen by hand.
"""

import xml.etree.ElementTree as tree
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo, is_zipfile

MEBIBYTE = 2**20
MAX_ARCHIVE_FILES = 10_000
MAX_READ_BYTES = 16 * MEBIBYTE
MAX_PICTURE_BYTES = 16 * MEBIBYTE
MAX_COMPRESSION_RATIO = 100  # unpacked to packed size, of a file of more than a mebibyte


class Archive:
    """The files of a zip archive, with a limit on all that is read.

    Only names in the archive's own list can be read, so no name leads outside of it.

    Args:
        data: the bytes of the archive.
        kind: the format that it is to have, for messages.

    Raises:
        ValueError: it is not a zip archive, or has more than 10,000 files.
    """

    def __init__(self, data: bytes, kind: str = "EPUB") -> None:
        self.kind = kind
        named = f"an {kind}" if kind == "EPUB" else f"a {kind}"
        if not is_zipfile(BytesIO(data)):
            raise ValueError(f"not {named} file: not a zip archive")
        try:
            self._zip = ZipFile(BytesIO(data))
        except Exception as error:  # zipfile raises many types for other or damaged files
            raise ValueError(f"not {named} file: the zip archive is damaged") from error
        self._files = {info.filename: info for info in self._zip.infolist()}
        self._left = MAX_READ_BYTES
        if len(self._files) > MAX_ARCHIVE_FILES:
            raise ValueError(
                f"{named} must have at most {MAX_ARCHIVE_FILES} files, got {len(self._files)}"
            )

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def read(self, name: str) -> bytes:
        """Read a file of the archive.

        Raises:
            ValueError: there is no such file, it is damaged or too large, or its compression is
                not supported.
        """
        info = self._info(name)
        self._left -= info.file_size
        if self._left < 0:
            most = MAX_READ_BYTES // MEBIBYTE
            raise ValueError(f"the {self.kind} has more than {most} MiB of text; split it")
        return self._unpack(info)

    def read_picture(self, name: str) -> bytes:
        """Read a picture, which does not count as text.

        Raises:
            ValueError: as for `read`, or it has more than 16 MiB.
        """
        info = self._info(name)
        if info.file_size > MAX_PICTURE_BYTES:
            most = MAX_PICTURE_BYTES // MEBIBYTE
            raise ValueError(f"{name} must have at most {most} MiB, got {info.file_size} bytes")
        return self._unpack(info)

    def _unpack(self, info: ZipInfo) -> bytes:
        try:
            with self._zip.open(info) as file:
                return file.read(info.file_size)  # without a size it would unpack without limit
        except Exception as error:
            reason = str(error) or "it ends early"
            damage = f"{info.filename} is damaged: {reason}"
            raise ValueError(f"{damage}; download the {self.kind} again") from error

    def xml(self, name: str) -> tree.Element:
        """Read and parse an XML file; expat limits the expansion of entities, and opens no files.

        Raises:
            ValueError: as for `read`, or it is not well-formed.
        """
        try:
            return tree.fromstring(self.read(name))
        except (tree.ParseError, LookupError) as error:
            raise ValueError(f"{name} is not well-formed XML: {error}") from error

    def _info(self, name: str) -> ZipInfo:
        if name not in self._files:
            raise ValueError(f"the {self.kind} has no file {name}; it is incomplete")
        info = self._files[name]
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            packed = f"{info.filename} must be stored or deflated"
            raise ValueError(f"{packed}; pack the {self.kind} again")
        if info.file_size > max(MEBIBYTE, MAX_COMPRESSION_RATIO * info.compress_size):
            bomb = f"{info.filename} is not text: it unpacks to far more than its size"
            raise ValueError(f"{bomb}; make the {self.kind} again from its source")
        return info

"""A zip archive that was sent by anyone: read in memory, and never more of it than is good."""

import xml.etree.ElementTree as tree
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

MEBIBYTE = 2**20
MAX_ARCHIVE_FILES = 10_000
MAX_READ_BYTES = 16 * MEBIBYTE
MAX_COMPRESSION_RATIO = (
    100  # times its packed size is the most that a file of over a mebibyte may unfold to
)


class Archive:
    """The files of an archive by their names; what is read of them in all is bounded.

    Names are looked up among the archive's own, so none leads out of it.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = ZipFile(BytesIO(data))
        except Exception as error:  # what is no archive, or a damaged one, fails in many ways
            raise ValueError(f"expected a book in EPUB, but this is none: {error}") from error
        self._files = {info.filename: info for info in self._zip.infolist()}
        self._left = MAX_READ_BYTES
        if len(self._files) > MAX_ARCHIVE_FILES:
            raise ValueError(
                f"expected a book of at most {MAX_ARCHIVE_FILES} files, not {len(self._files)}"
            )

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def read(self, name: str) -> bytes:
        """All of a file, which unfolds to no more than the archive says."""
        if name not in self._files:
            raise ValueError(f"expected {name} in the book, found none; a part of it is missing")
        info = self._files[name]
        self._admit(info)
        try:
            with self._zip.open(info) as file:
                return file.read(info.file_size)  # told no size, it would unfold all there is
        except Exception as error:
            raise ValueError(f"expected {name} whole, but {error}; fetch it again") from error

    def xml(self, name: str) -> tree.Element:
        """A file of XML; expat refuses entities that unfold without end, and opens no others."""
        try:
            return tree.fromstring(self.read(name))
        except (tree.ParseError, LookupError) as error:
            raise ValueError(f"expected well-formed XML in {name}, but {error}") from error

    def _admit(self, info: ZipInfo) -> None:
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise ValueError(f"expected {info.filename} stored or deflated; pack it again")
        if info.file_size > max(MEBIBYTE, MAX_COMPRESSION_RATIO * info.compress_size):
            raise ValueError(f"expected {info.filename} to hold text, but it is far too dense")
        self._left -= info.file_size
        if self._left < 0:
            most = MAX_READ_BYTES // MEBIBYTE
            raise ValueError(f"expected at most {most} MiB of text; take the book in parts")

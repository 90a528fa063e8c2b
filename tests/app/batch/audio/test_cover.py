"""Covers and tags of books, read back with FFmpeg and with mutagen, as players do."""

import io
from base64 import b64decode

import av
import mutagen
import numpy as np
import pytest
from mutagen.flac import Picture
from tts.app.batch.audio.cover import usable_cover
from tts.app.batch.audio.encode import AudioMetadata, ChapterMark, write_encoded
from tts.app.batch.audio.format import OutputFormat

from tts.text.files.book import Cover

PIXELS = np.random.default_rng(0).integers(0, 255, (40, 30, 3), np.uint8)
TAGS = {
    "title": "Persuasion",
    "artist": "Jane Austen",
    "album_artist": "Jane Austen",
    "album": "Persuasion",
    "track": "3/24",
    "date": "1817",
    "language": "en-GB",
    "comment": "synthetic speech, voice heart",
}
MARKS = (ChapterMark("One", 0.0, 0.5), ChapterMark("Two", 0.5, 1.0))


def picture(codec, pixel_format):
    """A picture of 30 by 40 pixels."""
    file = io.BytesIO()
    with av.open(file, "w", format="image2pipe") as container:
        stream = container.add_stream(codec, rate=1)
        stream.width, stream.height, stream.pix_fmt = 30, 40, pixel_format
        container.mux(stream.encode(av.VideoFrame.from_ndarray(PIXELS, format="rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture(scope="module")
def jpeg():
    return Cover(picture("mjpeg", "yuvj420p"), "image/jpeg")


@pytest.fixture
def written(tmp_path):
    """The path of a second of sound with tags and a cover."""

    def written(format, cover, marks=()):
        path = tmp_path / f"a.{format}"
        labels = AudioMetadata(tags=TAGS, chapters=marks, cover=cover)
        write_encoded(path, [np.zeros(24_000, np.float32)], OutputFormat(format=format), labels)
        return path

    return written


def pictures(path):
    """The pictures of a file: their media types and bytes, as mutagen finds them."""
    file = mutagen.File(path)
    if path.suffix == ".opus":
        blocks = [Picture(b64decode(text)) for text in file.tags["metadata_block_picture"]]
        return [(block.mime, block.data) for block in blocks]
    if path.suffix == ".flac":
        return [(block.mime, block.data) for block in file.pictures]
    if path.suffix == ".mp3":
        return [(frame.mime, frame.data) for frame in file.tags.getall("APIC")]
    kinds = {13: "image/jpeg", 14: "image/png"}
    return [(kinds[cover.imageformat], bytes(cover)) for cover in file.tags["covr"]]


@pytest.mark.parametrize("format", ["m4b", "mp3", "flac", "opus"])
def test_a_file_has_its_cover_and_its_tags(written, jpeg, format):
    path = written(format, jpeg)
    assert pictures(path) == [("image/jpeg", jpeg.data)]
    with av.open(str(path)) as container:
        sound = container.streams.audio[0]
        told = {**container.metadata, **sound.metadata}
        told["album_artist"] = told.get("album_artist") or told.get("ALBUMARTIST")
        seconds = sum(frame.samples / frame.sample_rate for frame in container.decode(sound))
        assert seconds == pytest.approx(1, abs=0.1)
    short = {"m4b": "eng", "mp3": "eng"}
    wanted = TAGS | {"language": short.get(format, "en-GB")}
    assert {name: told.get(name) for name in wanted} == wanted


def test_an_audiobook_is_one_to_players(written, jpeg):
    path = written("m4b", jpeg, MARKS)
    with av.open(str(path)) as container:
        assert container.metadata["major_brand"] == "M4B "
        (shown,) = container.streams.video
        assert shown.disposition == av.stream.Disposition.attached_pic
        assert [mark["metadata"]["title"] for mark in container.chapters()] == ["One", "Two"]
    tags = mutagen.File(path).tags
    assert tags["trkn"] == [(3, 24)]
    assert (tags["\xa9day"], tags["aART"]) == (["1817"], ["Jane Austen"])


@pytest.mark.parametrize("format", ["m4b", "mp3"])
def test_equal_covers_give_equal_files(written, jpeg, format):
    assert written(format, jpeg).read_bytes() == written(format, jpeg).read_bytes()
    assert pictures(written(format, jpeg))


def test_a_picture_of_another_kind_becomes_a_png(written):
    cover = usable_cover(Cover(picture("bmp", "bgr24"), "image/bmp"))
    assert cover.media_type == "image/png"
    with av.open(io.BytesIO(cover.data)) as shown:
        frame = next(shown.decode(video=0))
    np.testing.assert_array_equal(frame.to_ndarray(format="rgb24"), PIXELS)
    assert pictures(written("m4b", cover)) == [("image/png", cover.data)]


def test_a_cover_is_known_by_its_bytes(jpeg):
    assert usable_cover(Cover(jpeg.data, "image/png")) == jpeg


@pytest.mark.parametrize("data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\xff\xd8no"])
def test_what_is_no_picture_is_no_cover(data):
    assert usable_cover(Cover(data, "image/jpeg")) is None

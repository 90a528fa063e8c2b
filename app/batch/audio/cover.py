"""Covers in audio files: an attached picture of MP4, MP3 and FLAC, or a tag of Ogg."""

import struct
from base64 import b64encode
from fractions import Fraction
from io import BytesIO
from typing import Any

import av

from tts.text.files.book import Cover

CODECS = {"image/jpeg": "mjpeg", "image/png": "png"}  # the pictures that all players show
ATTACHED = ("mp4", "mp3", "flac")  # containers that take a picture as a stream
FRONT_COVER = 3  # the type of a picture in ID3 and in FLAC
PICTURE_TAG = "METADATA_BLOCK_PICTURE"  # of Ogg, by Xiph's recommendation


def usable_cover(cover: Cover) -> Cover | None:
    """A cover as JPEG or PNG, as players expect it; None if the picture cannot be read.

    Args:
        cover: a picture of any kind that FFmpeg reads; it keeps its size.

    Returns:
        The same bytes for a JPEG or a PNG, whatever their media type said; others become a PNG.
    """
    try:
        with av.open(BytesIO(cover.data), "r") as container:
            frame = next(container.decode(video=0))
            codec = container.streams.video[0].codec_context.name
    except (av.FFmpegError, AttributeError, IndexError, StopIteration):  # as PyAV tells of each
        return None
    kinds = {name: media_type for media_type, name in CODECS.items()}
    if codec in kinds:
        return Cover(cover.data, kinds[codec])
    return Cover(_png(frame), "image/png")


def add_cover(container: Any, cover: Cover) -> None:
    """Add a cover to a container that is open for writing, before its first packet.

    Args:
        container: FFmpeg's; one that takes no picture stays as it is.
        cover: a result of `usable_cover`.
    """
    kind = container.format.name
    if kind in ATTACHED:
        stream = _picture_stream(container, cover)
        container.start_encoding()
        container.mux(_packet(cover, stream))
    elif kind == "ogg":
        container.metadata[PICTURE_TAG] = b64encode(_picture_block(cover)).decode()


def _picture_stream(container: Any, cover: Cover) -> Any:
    stream = container.add_stream(CODECS[cover.media_type], rate=1)
    stream.width, stream.height = _size(cover)
    stream.pix_fmt = "yuvj420p" if cover.media_type == "image/jpeg" else "rgb24"
    stream.disposition = av.stream.Disposition.attached_pic
    return stream


def _packet(cover: Cover, stream: Any) -> Any:
    packet: Any = av.Packet(cover.data)
    packet.stream, packet.time_base = stream, Fraction(1)
    packet.pts = packet.dts = 0
    packet.is_keyframe = True
    return packet


def _size(cover: Cover) -> tuple[int, int]:
    with av.open(BytesIO(cover.data), "r") as picture:
        frame = next(picture.decode(video=0))
    return frame.width, frame.height


def _picture_block(cover: Cover) -> bytes:
    """The picture block of FLAC, without a description; its depth and colours may be 0."""
    media_type = cover.media_type.encode()
    head = struct.pack(">II", FRONT_COVER, len(media_type)) + media_type
    sizes = struct.pack(">IIIIII", 0, *_size(cover), 0, 0, len(cover.data))
    return head + sizes + cover.data


def _png(frame: av.VideoFrame) -> bytes:
    file = BytesIO()
    with av.open(file, "w", format="image2pipe") as container:
        stream = container.add_stream("png", rate=1, options={"flags": "+bitexact"})
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "rgb24"
        container.mux(stream.encode(frame.reformat(format="rgb24")))
        container.mux(stream.encode(None))
    return file.getvalue()

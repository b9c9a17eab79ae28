"""A photo, decoded whole, turned upright, and written anew from its pixels alone.

Whatever else stood in the file stays behind: EXIF with its place and camera, XMP, comments, color
profiles, thumbnails, further frames, and what was appended. Nothing of a file is ever passed on, so
a file that is two things at once comes out as the one that was looked at.
"""

import mmap
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from geo_service.errors import DamagedPhoto, LimitExceeded, NotAPhoto
from geo_service.layers.files.photos.file_kind import kind_of

if TYPE_CHECKING:
    from PIL.Image import Image

MEDIA_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}

_HOW: Final[dict[str, dict[str, Any]]] = {
    "JPEG": {"quality": 90},
    "PNG": {"compress_level": 6},
    "WEBP": {"quality": 90, "method": 2},
}
_MODES: Final = {
    "JPEG": ("L", "RGB"),
    "PNG": ("1", "L", "LA", "RGB", "RGBA"),
    "WEBP": ("RGB", "RGBA"),
}
"""What is written as it is."""
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
"""By EXIF's orientation, the way back to upright (CIPA DC-008, 4.6.4)."""
_SCAN, _MOST_SCANS = b"\xff\xda", 100
"""Cameras write one scan, progressive files about ten; each one costs a pass over every pixel."""
_MEGA = 1_000_000

_one_at_a_time = Lock()
"""A large photo takes some hundred megabytes while it is decoded."""


class Photo(NamedTuple):
    """A file of ours: ``content`` holds ``width`` × ``height`` pixels and no metadata."""

    content: bytes
    media_type: str
    width: int
    height: int


def read_photo(path: Path, *, most_pixels: int) -> Photo:
    """Return a JPEG, PNG or WebP file as a file that holds its pixels alone.

    The same file gives the same bytes as long as the libraries that write them stay the same. One
    is decoded at a time.

    Raises
    ------
    NotAPhoto
        It is something else, whatever its name says; tells what.
    LimitExceeded
        It has more pixels; nothing of them was decoded.
    DamagedPhoto
        It is cut off, or is not what its first bytes say.
    """
    found = kind_of(path)
    if found.photo is None:
        raise NotAPhoto(path.name, found.zh, found.en)
    if found.photo == "JPEG":
        _check_scans(path)
    with _one_at_a_time:
        try:
            return _written_anew(path, found.photo, most_pixels)
        except LimitExceeded:
            raise
        except Exception as error:  # decoders raise whatever they stumble over
            raise DamagedPhoto(path.name, found.zh, found.en) from error


def _check_scans(path: Path) -> None:
    """Refuse a small file that would be passed over for hours; a marker is nowhere in pixels."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at, count = content.find(_SCAN), 0
        while at >= 0:
            count, at = count + 1, content.find(_SCAN, at + len(_SCAN))
    if count > _MOST_SCANS:
        raise LimitExceeded("照片的扫描遍数", "the scans of the photo", count, _MOST_SCANS)


def _written_anew(path: Path, photo_format: str, most_pixels: int) -> Photo:
    from PIL import Image

    # pixels are counted here before any is decoded; PIL would warn first, and of other numbers
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path, formats=[photo_format]) as opened:
        width, height = opened.size
        if width * height > most_pixels:
            raise LimitExceeded(
                "照片的百万像素",
                "the photo in megapixels",
                -(-width * height // _MEGA),
                most_pixels // _MEGA,
            )
        opened.load()
        upright = _in_mode(_upright(opened), photo_format)
    upright.info = {}  # writers take comments and color profiles from here
    content = BytesIO()
    upright.save(content, photo_format, **_HOW[photo_format])
    return Photo(content.getvalue(), MEDIA_TYPES[photo_format], *upright.size)


def _upright(image: "Image") -> "Image":
    """Return an image turned as its EXIF says; EXIF that cannot be read says nothing."""
    from PIL.Image import Transpose

    try:
        turn = _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001  # whatever is wrong there, the photo is none the worse
        turn = None
    return image if turn is None else image.transpose(Transpose[turn])


def _in_mode(image: "Image", photo_format: str) -> "Image":
    """Return an image in a mode that its format holds, with its transparency where it has one."""
    if image.mode in _MODES[photo_format]:
        return image
    if image.mode == "I;16":  # gray of 16 bits; the upper ones are what is seen
        return image.point(lambda value: value / 256).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")

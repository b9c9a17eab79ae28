"""What a file is by its first bytes, whatever it is called."""

from pathlib import Path
from typing import NamedTuple

_LOOKED_AT = 512


class FileKind(NamedTuple):
    """A kind of file in two languages; ``photo`` is its format's name where it is a photo."""

    zh: str
    en: str
    photo: str | None = None


_JPEG = FileKind("JPEG 照片", "a JPEG photo", "JPEG")
_PNG = FileKind("PNG 图片", "a PNG picture", "PNG")
_WEBP = FileKind("WebP 图片", "a WebP picture", "WEBP")
_HEIC = FileKind(
    "HEIC 照片（苹果手机：设置 → 相机 → 格式 → 兼容性最佳）",
    "a HEIC photo (iPhone: Settings, Camera, Formats, Most Compatible)",
)
_VIDEO = FileKind("视频", "a video")
_OFFICE = FileKind("旧版 Office 文件", "an old Office file")
_PROGRAM = FileKind("程序", "a program")
_TEXT = FileKind("文本", "text")
_EMPTY = FileKind("空文件（0 字节）", "an empty file (0 bytes)")
_UNKNOWN = FileKind("认不出的文件", "a file of a kind that is not known")

_BEGINNINGS = (
    (b"\xff\xd8\xff", _JPEG),
    (b"\x89PNG\r\n\x1a\n", _PNG),
    (b"%PDF", FileKind("PDF 文件", "a PDF file")),
    (b"PK\x03\x04", FileKind("压缩包或 Office 文件", "a ZIP archive or an Office file")),
    (b"GIF8", FileKind("GIF 动图", "a GIF picture")),
    (b"BM", FileKind("BMP 位图", "a BMP picture")),
    (b"II*\0", FileKind("TIFF 或相机原始文件", "a TIFF or a camera's raw file")),
    (b"MM\0*", FileKind("TIFF 或相机原始文件", "a TIFF or a camera's raw file")),
    (b"\x1a\x45\xdf\xa3", _VIDEO),
    (b"\xd0\xcf\x11\xe0", _OFFICE),
    (b"MZ", _PROGRAM),
    (b"\x7fELF", _PROGRAM),
)
_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_MARKUP = (b"<", b"\xef\xbb\xbf<")


def kind_of(path: Path) -> FileKind:
    """Return what a file is, by its first 512 bytes."""
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    return _boxed(head) or _written(head)


def _boxed(head: bytes) -> FileKind | None:
    """Return the kind of a file whose name stands behind its first length."""
    if head.startswith(b"RIFF"):
        return _WEBP if head[8:12] == b"WEBP" else _VIDEO
    if head[4:8] != b"ftyp":
        return None
    if head[8:12] == b"avif":
        return FileKind("AVIF 图片", "an AVIF picture")
    return _HEIC if head[8:12] in _BRANDS else _VIDEO


def _written(head: bytes) -> FileKind:
    """Return the kind of a file that is text, or nothing that is known."""
    if not head:
        return _EMPTY
    if head.lstrip().startswith(_MARKUP):
        return FileKind("网页或 SVG", "a web page or an SVG")
    return _UNKNOWN if b"\0" in head else _TEXT

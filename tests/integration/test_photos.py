"""Of a photo nothing is kept but its pixels, upright; what is no photo is told as what it is."""

import struct
import zlib
from zipfile import ZipFile

import pytest
from PIL import Image

from geo_service.errors import DamagedPhoto, LimitExceeded, NotAPhoto
from geo_service.layers.files.photos.photo import read_photo
from tests.photos import BLUE, RED, SECRET, drawn, opened, photo, telling, written

MANY = 1_000_000


def read(folder, content, name="a.jpg", most_pixels=MANY):
    path = folder / name
    path.write_bytes(content)
    return read_photo(path, most_pixels=most_pixels)


def is_near(pixel, color):
    return max(abs(a - b) for a, b in zip(pixel[:3], color, strict=True)) < 60


@pytest.mark.parametrize("photo_format", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_pixels_is_left_of_a_photo(tmp_path, photo_format):
    told = telling(photo_format)
    kept = read(tmp_path, told)
    assert kept.media_type == f"image/{photo_format.lower()}"
    for mark in (SECRET, b"Exif", b"eXIf", b"EXIF", b"XMP", b"xmp", b"ICC", b"iCCP", b"tEXt"):
        assert mark not in kept.content
    image = opened(kept.content)
    assert image.format == photo_format
    assert not dict(image.getexif())
    technical = {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert set(image.info) <= technical | {"loop", "background", "duration", "timestamp"}
    assert read(tmp_path, told) == kept
    again = read(tmp_path, kept.content)
    assert (again.width, again.height) == (kept.width, kept.height)


@pytest.mark.parametrize("orientation", range(1, 10))
def test_a_photo_is_stored_as_it_is_looked_at(tmp_path, orientation):
    kept = read(tmp_path, telling("JPEG", orientation))
    assert (kept.width, kept.height) == ((48, 64) if 5 <= orientation <= 8 else (64, 48))
    corners = {1: 0, 2: 1, 3: 3, 4: 2, 5: 0, 6: 1, 7: 3, 8: 2, 9: 0}
    image = opened(kept.content)
    x, y = kept.width - 5, kept.height - 5
    places = [(5, 5), (x, 5), (5, y), (x, y)]
    reds = [is_near(image.getpixel(place), RED) for place in places]
    assert reds == [i == corners[orientation] for i in range(4)]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("photo_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("rest", [b"II*\0\xff\xff\xff\xff", b"no EXIF at all"])
def test_a_photo_whose_exif_is_broken_is_a_photo(tmp_path, photo_format, rest):
    broken = written(drawn(), photo_format, exif=b"Exif\0\0" + rest)
    assert is_near(opened(read(tmp_path, broken).content).getpixel((5, 5)), RED)


def test_a_file_that_is_two_things_comes_out_as_the_photo_alone(tmp_path):
    path = tmp_path / "two.jpg"
    path.write_bytes(photo())
    with ZipFile(path, "a") as packed:
        packed.writestr("run.js", SECRET)
    both = path.read_bytes()
    page = b"<script>" + SECRET + b"</script>"
    for content in (both, photo() + page, photo(photo_format="PNG") + page):
        kept = read(tmp_path, content)
        assert SECRET not in kept.content
        assert b"PK\x03\x04" not in kept.content


def chunk(name, content):
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


def bomb(width, height):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(100_000)))
    return b"\x89PNG\r\n\x1a\n" + head + pixels + chunk(b"IEND", b"")


def test_too_many_pixels_are_counted_before_any_is_decoded(tmp_path):
    with pytest.raises(LimitExceeded) as refused:
        read(tmp_path, bomb(60_000, 60_000), most_pixels=60_000_000)
    assert refused.value.text("zh") == "照片的百万像素为 3600，超过上限 60"
    with pytest.raises(LimitExceeded):
        read(tmp_path, photo(), most_pixels=64 * 48 - 1)
    assert read(tmp_path, photo(), most_pixels=64 * 48).width == 64


def test_a_photo_of_endless_scans_is_not_decoded(tmp_path):
    content = photo()
    at = content.index(b"\xff\xda")
    with pytest.raises(LimitExceeded, match="scans of the photo is 101"):
        read(tmp_path, content[:at] + content[at : at + 14] * 100 + content[at:])
    assert read(tmp_path, written(drawn(), progressive=True)).width == 64


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空文件"),
        ("你好".encode(), "文本"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04....", "压缩包"),
        (b"GIF89a=alert(1)//", "GIF"),
        (b" <!DOCTYPE html><img>", "网页"),
        (b"\xef\xbb\xbf<svg/>", "网页或 SVG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "视频"),
        (b"RIFF\0\0\0\0AVI LIST", "视频"),
        (b"II*\0\x08\0\0\0", "TIFF"),
        (b"MZ\x90\0", "程序"),
        (b"\0\x01\x02\x03", "认不出"),
    ],
)
def test_what_is_no_photo_is_told_as_what_it_is(tmp_path, content, said):
    with pytest.raises(NotAPhoto) as refused:
        read(tmp_path, content)
    assert refused.value.text("zh").startswith("a.jpg 不是能收的照片，而是")
    assert said in refused.value.text("zh")
    assert "send JPEG, PNG or WebP" in refused.value.text("en")


@pytest.mark.parametrize("photo_format", ["JPEG", "PNG", "WEBP"])
def test_a_photo_that_is_cut_off_or_begins_as_one_only_is_refused(tmp_path, photo_format):
    whole = written(Image.effect_noise((200, 200), 60).convert("RGB"), photo_format)
    for content in (whole[: len(whole) // 2], whole[:20] + bytes(200)):
        with pytest.raises(DamagedPhoto) as refused:
            read(tmp_path, content)
        assert "damaged" in refused.value.text("en")


def test_the_content_decides_whatever_the_name_says(tmp_path):
    kept = read(tmp_path, photo(photo_format="PNG"), name="照片.jpg")
    assert kept.media_type == "image/png"


@pytest.mark.parametrize(
    ("mode", "photo_format", "kept_mode"),
    [
        ("1", "PNG", "1"),
        ("L", "JPEG", "L"),
        ("L", "WEBP", "RGB"),
        ("LA", "PNG", "LA"),
        ("P", "PNG", "RGB"),
        ("RGBA", "PNG", "RGBA"),
        ("CMYK", "JPEG", "RGB"),
    ],
)
def test_colors_stay_in_a_form_that_every_browser_shows(tmp_path, mode, photo_format, kept_mode):
    kept = opened(read(tmp_path, written(drawn(mode=mode), photo_format)).content)
    assert kept.mode == kept_mode


def test_sixteen_bits_of_gray_and_a_clear_color_are_kept_as_they_look(tmp_path):
    deep = Image.new("I;16", (8, 8), 0x8000)
    assert opened(read(tmp_path, written(deep, "PNG")).content).getpixel((3, 3)) == 0x80
    clear = drawn(mode="P")
    kept = opened(
        read(tmp_path, written(clear, "PNG", transparency=clear.getpixel((5, 5)))).content
    )
    assert (kept.mode, kept.getpixel((5, 5))[3], kept.getpixel((60, 40))[3]) == ("RGBA", 0, 255)
    assert is_near(kept.getpixel((60, 40)), BLUE)
    glass = drawn(mode="RGBA")
    glass.putalpha(100)
    assert opened(read(tmp_path, written(glass, "WEBP")).content).getpixel((5, 5))[3] == 100


def test_of_many_frames_the_first_is_kept(tmp_path):
    frames = [drawn(), Image.new("RGB", (64, 48), RED)]
    for photo_format in ("WEBP", "PNG"):
        moving = written(frames[0], photo_format, save_all=True, append_images=frames[1:])
        kept = opened(read(tmp_path, moving).content)
        assert getattr(kept, "n_frames", 1) == 1
        assert is_near(kept.getpixel((60, 40)), BLUE)

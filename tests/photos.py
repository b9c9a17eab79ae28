"""Photos for tests: drawn, with whatever cameras and strangers put beside the pixels."""

from io import BytesIO

from PIL import ExifTags, Image, PngImagePlugin

SECRET = b"SECRET-PLACE"
RED, BLUE = (200, 20, 20), (20, 20, 200)


def drawn(width=64, height=48, mode="RGB"):
    """Return a picture whose upper left quarter is red, the rest blue."""
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    return image.convert(mode)


def written(image, photo_format="JPEG", **how):
    """Return a picture as a file."""
    content = BytesIO()
    image.save(content, photo_format, **how)
    return content.getvalue()


def photo(width=64, height=48, photo_format="JPEG"):
    """Return a photo as a file."""
    return written(drawn(width, height), photo_format)


def exif(orientation=1):
    """Return EXIF that tells a place, a camera and how it was held."""
    told = Image.Exif()
    told[ExifTags.Base.Orientation] = orientation
    told[ExifTags.Base.Make] = SECRET.decode()
    gps = told.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitude] = (30.0, 1.0, 2.0)
    gps[ExifTags.GPS.GPSAreaInformation] = SECRET
    return told.tobytes()


def telling(photo_format, orientation=1):
    """Return a photo that tells more than its pixels, in every way its format has."""
    more = {"exif": exif(orientation), "icc_profile": SECRET * 20, "xmp": b"<x>" + SECRET}
    if photo_format == "JPEG":
        more["comment"] = SECRET
    if photo_format == "PNG":
        more["pnginfo"] = PngImagePlugin.PngInfo()
        more["pnginfo"].add_text("Location", SECRET.decode())
        more["pnginfo"].add_itxt("XML:com.adobe.xmp", SECRET.decode())
    content = written(drawn(), photo_format, **more)
    assert content.count(SECRET) > 2
    return content


def opened(content):
    """Return a file as a picture."""
    image = Image.open(BytesIO(content))
    image.load()
    return image

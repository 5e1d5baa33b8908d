"""Every kind of picture is read upright and opaque; every malformed one gives its sentence."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from s2s.image.load import MAX_SIDE, BadImage, load

GRADIENT = np.dstack([np.tile(np.arange(0, 240, 6, dtype=np.uint8), (20, 1))] * 3)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP", "GIF", "PPM", "JPEG"])
def test_formats_give_the_same_picture(kind):
    options = {"lossless": True} if kind == "WEBP" else {"quality": 98} if kind == "JPEG" else {}
    pixels = load(encoded(Image.fromarray(GRADIENT), kind, **options))
    assert pixels.shape == (20, 40, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - GRADIENT).max() <= 6


def test_path_string_and_bytes_are_alike(tmp_path):
    data = encoded(Image.fromarray(GRADIENT), "PNG")
    (tmp_path / "a.png").write_bytes(data)
    assert np.array_equal(load(tmp_path / "a.png"), load(data))
    assert np.array_equal(load(str(tmp_path / "a.png")), load(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_grey_and_colour_on_demand(kind):
    data = encoded(Image.fromarray(GRADIENT), kind)
    assert load(data, colour=False).shape == (20, 40)
    grey_file = encoded(Image.fromarray(GRADIENT[..., 0]), kind)
    assert load(grey_file, colour=True).shape == (20, 40, 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(kind, orientation):
    upright = np.full((20, 40, 3), 255, np.uint8)
    upright[:10, :10] = 0
    exif = Image.Exif()
    exif[0x0112] = orientation
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = Image.fromarray(upright)
    if orientation > 1:
        stored = stored.transpose(Image.Transpose(undo[orientation]))
    pixels = load(encoded(stored, kind, exif=exif))
    assert pixels.shape == (20, 40, 3)
    assert pixels[:8, :8].max() < 60
    assert pixels[12:, 12:].min() > 200


def test_transparency_is_laid_on_white_or_on_black_under_white_text():
    for ink, ground in ((0, 255), (255, 0)):
        rgba = np.zeros((20, 40, 4), np.uint8)
        rgba[5:15, 5:15] = (ink, ink, ink, 255)
        pixels = load(encoded(Image.fromarray(rgba), "PNG"))
        assert pixels[0, 0, 0] == ground
        assert pixels[10, 10, 0] == ink


def test_palettes_with_transparency_are_read():
    image = Image.fromarray(GRADIENT).convert("P")
    assert np.abs(load(encoded(image, "PNG")).astype(int) - np.asarray(image.convert("RGB"))).max() == 0
    assert load(encoded(image, "PNG", transparency=0))[0, 0].tolist() == [255, 255, 255]


def test_sixteen_bits_are_scaled():
    deep = (GRADIENT[..., 0].astype(np.uint16)) * 257
    assert np.array_equal(load(encoded(Image.fromarray(deep), "PNG"), colour=False), GRADIENT[..., 0])
    assert np.array_equal(load(encoded(Image.fromarray(deep), "TIFF"), colour=False), GRADIENT[..., 0])


def test_twelve_bits_in_sixteen_are_stretched_instead_of_black():
    dim = np.tile(np.arange(0, 800, 20, dtype=np.uint16), (20, 1))
    pixels = load(encoded(Image.fromarray(dim), "TIFF"), colour=False)
    assert pixels.min() == 0
    assert pixels.max() == 255


def test_cmyk_and_one_bit_are_read():
    cmyk = load(encoded(Image.fromarray(GRADIENT).convert("CMYK"), "JPEG", quality=98))
    assert np.abs(cmyk.astype(int) - GRADIENT).max() <= 8
    one_bit = load(encoded(Image.fromarray(GRADIENT).convert("1", dither=Image.Dither.NONE), "PNG"), colour=False)
    assert set(np.unique(one_bit)) == {0, 255}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def animation() -> bytes:
    frames = [Image.fromarray(np.full((20, 40), value, np.uint8)) for value in (0, 128, 255)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


PNG, JPEG = (encoded(Image.fromarray(GRADIENT), kind) for kind in ("PNG", "JPEG"))
ZOO = {
    "empty": (b"", "is empty"),
    "truncated png": (PNG[: len(PNG) // 2], "damaged or incomplete"),
    "truncated jpeg": (JPEG[: len(JPEG) - 60], "damaged or incomplete"),
    "header only": (JPEG[:30], "damaged or incomplete|not a picture"),
    "one pixel": (encoded(Image.new("L", (1, 1)), "PNG"), "1x1 pixels, too small"),
    "too wide": (png_header(20_000, 32), "is 20000x32 pixels"),
    "bomb": (png_header(15_000, 15_000), "more than 120,000,000"),
    "bomb that Pillow lets pass": (png_header(11_000, 11_000), "has 11000x11000 pixels, more than 120,000,000"),
    "animated": (animation(), "holds 3 frames"),
    "text": (b"this is a text file named .png\n", "but text"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "but markup"),
    "pdf": (b"%PDF-1.4\n\0\1", "but a PDF"),
    "noise": (bytes(range(256)) * 4, "not a picture"),
}


@pytest.mark.parametrize("name", ZOO)
def test_a_malformed_picture_gives_one_sentence_with_its_name(name, tmp_path):
    data, message = ZOO[name]
    path = tmp_path / "x.png"
    path.write_bytes(data)
    with pytest.raises(BadImage, match=message) as error:
        load(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_folder_give_their_sentence(tmp_path):
    with pytest.raises(BadImage, match="No such file"):
        load(tmp_path / "absent.png")
    with pytest.raises(BadImage, match="is a folder"):
        load(tmp_path)


def test_bytes_are_called_by_the_name_given():
    with pytest.raises(BadImage, match=r"row 7: the file is empty"):
        load(b"", name="row 7")


def test_the_longest_side_is_still_read():
    assert load(encoded(Image.new("L", (MAX_SIDE, 4)), "PNG"), colour=False).shape == (4, MAX_SIDE)


def test_a_small_file_of_deep_pixels_takes_little_more_memory_than_its_result(tmp_path):
    """Which 16 bits multiplied by six."""
    path = tmp_path / "deep.png"
    Image.new("I;16", (8000, 3000)).save(path, compress_level=1)
    script = (
        "import resource, sys; from pathlib import Path; from s2s.image.load import load\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "size = load(Path(sys.argv[1])).nbytes\n"
        "print(size, 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before))"
    )
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    result, taken = map(int, done.stdout.split())
    assert result == 3 * 8000 * 3000
    assert taken < 4 * result


def test_pixels_beyond_the_bound_are_refused_by_the_header():
    data = bytearray(encoded(Image.new("RGBA", (9, 9)), "PNG"))
    data[16:24] = struct.pack(">II", 15_000, 7_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    with pytest.raises(BadImage, match="15000x7000 pixels take 420,000,000 bytes, more than 400,000,000"):
        load(bytes(data))


def test_strips_give_what_the_whole_gives(monkeypatch):
    random = np.random.default_rng(7)
    deep = Image.fromarray(random.integers(0, 60_000, (37, 23)).astype(np.uint16))
    clear = Image.fromarray(random.integers(0, 256, (37, 23, 4), dtype=np.uint8))
    for data in (encoded(deep, "PNG"), encoded(clear, "PNG"), encoded(clear.convert("P"), "GIF")):
        for colour in (True, False):
            whole = load(data, colour)
            with monkeypatch.context() as patch:
                patch.setattr("s2s.image.load._STRIP", 50)
                assert np.array_equal(load(data, colour), whole)

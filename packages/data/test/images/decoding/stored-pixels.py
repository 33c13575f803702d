"""Writes stored-pixels.json: small image files, and what Pillow makes of them.

pip install pillow==13.0.0 numpy && python stored-pixels.py > stored-pixels.json
"""

import base64
import io
import json
import struct
import sys
import zlib

import numpy as np
from PIL import Image

W, H = 7, 4
draw = np.random.default_rng(0)
colours = draw.integers(0, 256, (H, W, 3), dtype=np.uint8)
rgb = Image.fromarray(colours)
grey = rgb.convert("L")
bits = grey.convert("1")
palette = rgb.quantize(9)
alpha = Image.fromarray(draw.integers(0, 256, (H, W), dtype=np.uint8))
rgba, la = rgb.copy(), grey.copy()
rgba.putalpha(alpha)
la.putalpha(alpha)
cmyk = Image.fromarray(draw.integers(0, 256, (H, W, 4), dtype=np.uint8), "CMYK")
turned = Image.Exif()
turned[0x112] = 6


def gamma_one():
    """A colour profile of linear light, which no viewer shows as it shows sRGB."""
    xyz = lambda *v: b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(65536 * x)) for x in v)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, 256) + b"\0\0"
    tags = [
        (b"wtpt", xyz(0.9642, 1, 0.8249)),
        (b"rXYZ", xyz(0.4361, 0.2225, 0.0139)),
        (b"gXYZ", xyz(0.3851, 0.7169, 0.0971)),
        (b"bXYZ", xyz(0.1431, 0.0606, 0.7141)),
        *((name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")),
        (b"desc", b"desc\0\0\0\0" + struct.pack(">I", 2) + b"g\0" + bytes(78)),
        (b"cprt", b"text\0\0\0\0none\0\0\0\0"),
    ]
    at, table = 132 + 12 * len(tags), struct.pack(">I", len(tags))
    for name, data in tags:
        table += name + struct.pack(">II", at, len(data))
        at += len(data)
    head = bytearray(128)
    head[0:4], head[8:12] = struct.pack(">I", at), struct.pack(">I", 0x02100000)
    head[12:24], head[36:40] = b"mntrRGB XYZ ", b"acsp"
    head[68:80] = xyz(0.9642, 1, 0.8249)[8:]
    return bytes(head) + table + b"".join(data for _, data in tags)


def saved(image, form, **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def png(array, depth, kind):
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = b"".join(b"\0" + row.astype(">u2" if depth == 16 else "u1").tobytes() for row in array)
    head = struct.pack(">IIBBBBB", W, H, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def bmp(depth, rows, masks=b"", palette=b"", from_top=False):
    stride = (W * depth + 31) // 32 * 4
    data = b"".join(row.ljust(stride, b"\0") for row in (rows if from_top else rows[::-1]))
    start = 54 + len(masks) + len(palette)
    tall = -H if from_top else H
    head = struct.pack("<IiiHHIIiiII", 40, W, tall, 1, depth, 3 if masks else 0, len(data), 0, 0, len(palette) // 4, 0)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + head + masks + palette + data


def tiff(depth, photometric, samples, data, *more):
    tags = [(256, W), (257, H), (258, depth), (259, 1), (262, photometric), (273, 0), (277, samples), (278, H)]
    tags = sorted([*tags, (279, len(data)), *more])
    start = 8 + 2 + 12 * len(tags) + 4
    wide = struct.pack(f"<{samples}H", *([depth] * samples))
    entry = lambda t, v: struct.pack("<HHII", t, 4, 1, v)
    body = b"".join(
        struct.pack("<HHII", t, 3, samples, start) if t == 258 and samples > 2
        else struct.pack("<HHIHH", t, 3, samples, v, v if samples == 2 else 0) if t == 258
        else entry(t, start + len(wide)) if t == 273
        else struct.pack("<HHIHH", t, 3, 1, v, 0)
        for t, v in tags
    )
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + body + bytes(4) + wide + data


def without_marker(jpeg):
    at = jpeg.index(b"\xff\xee")
    return jpeg[:at] + jpeg[at + 2 + struct.unpack(">H", jpeg[at + 2 : at + 4])[0] :]


def with_transform(jpeg, value):
    at = jpeg.index(b"Adobe")
    return jpeg[: at + 11] + bytes([value]) + jpeg[at + 12 :]


def on_larger_screen(gif, screen=(W, H), at=(2, 1)):
    place = gif.index(b"\x2c\0\0\0\0")
    return gif[:6] + struct.pack("<HH", *screen) + gif[10 : place + 1] + struct.pack("<HH", *at) + gif[place + 5 :]


icc = gamma_one()
words = lambda *shape: draw.integers(0, 65536, shape)
small = palette.crop((0, 0, 4, 2))
cmyk_jpeg = saved(cmyk, "JPEG", quality=95)
files = {
    "rgb.png": saved(rgb, "PNG"),
    "grey.png": saved(grey, "PNG"),
    "bits.png": saved(bits, "PNG"),
    "grey-2.png": png(draw.integers(0, 256, (H, 2)), 2, 0),
    "rgba.png": saved(rgba, "PNG"),
    "grey-alpha.png": saved(la, "PNG"),
    "palette.png": saved(palette, "PNG"),
    "palette-transparent.png": saved(palette, "PNG", transparency=3),
    "grey-transparent.png": saved(grey, "PNG", transparency=int(np.array(grey)[0, 0])),
    "rgb-16.png": png(words(H, W, 3), 16, 2),
    "rgba-16.png": png(words(H, W, 4), 16, 6),
    "grey-alpha-16.png": png(words(H, W, 2), 16, 4),
    "turned.png": saved(rgb, "PNG", exif=turned),
    "profile.png": saved(rgb, "PNG", icc_profile=icc),
    "profile.jpg": saved(rgb, "JPEG", icc_profile=icc, quality=95),
    "profile.webp": saved(rgb, "WEBP", icc_profile=icc, lossless=True),
    "profile.tif": saved(rgb, "TIFF", icc_profile=icc),
    "half-chroma.jpg": saved(rgb, "JPEG", quality=80, subsampling=2),
    "progressive.jpg": saved(rgb, "JPEG", quality=80, progressive=True),
    "grey.jpg": saved(grey, "JPEG"),
    "turned.jpg": saved(rgb, "JPEG", exif=turned),
    "cmyk.jpg": cmyk_jpeg,
    "cmyk-unmarked.jpg": without_marker(cmyk_jpeg),
    "ycck.jpg": with_transform(cmyk_jpeg, 2),
    "rgba.webp": saved(rgba, "WEBP", lossless=True, exact=True),
    "lossy.webp": saved(rgba, "WEBP", quality=80),
    "moving.webp": saved(rgb, "WEBP", save_all=True, append_images=[rgb.transpose(0)], lossless=True),
    "palette.gif": saved(palette, "GIF"),
    "transparent.gif": saved(palette, "GIF", transparency=3),
    "moving.gif": saved(rgb, "GIF", save_all=True, append_images=[rgb.transpose(0)]),
    "grey.gif": saved(grey, "GIF"),
    "part.gif": on_larger_screen(saved(small, "GIF")),
    "part-transparent.gif": on_larger_screen(saved(small, "GIF", transparency=3)),
    "large-screen.gif": on_larger_screen(saved(small, "GIF"), (7, 2049), (3, 1)),
    "rgb.tif": saved(rgb, "TIFF", compression="tiff_lzw"),
    "bits.tif": saved(bits, "TIFF", compression="group4"),
    "palette.tif": saved(palette, "TIFF"),
    "cmyk.tif": saved(cmyk, "TIFF"),
    "rgba.tif": saved(rgba, "TIFF"),
    "pages.tif": saved(rgb, "TIFF", save_all=True, append_images=[grey]),
    "jpeg.tif": saved(rgb, "TIFF", compression="jpeg"),
    "white-is-0.tif": tiff(8, 0, 1, colours[..., 0].tobytes()),
    "rgb-16.tif": tiff(16, 2, 3, words(H, W, 3).astype("<u2").tobytes()),
    "cmyk-16.tif": tiff(16, 5, 4, words(H, W, 4).astype("<u2").tobytes()),
    "turned.tif": tiff(8, 2, 3, colours.tobytes(), (274, 6)),
    "rgb.bmp": saved(rgb, "BMP"),
    "grey.bmp": saved(grey, "BMP"),
    "palette.bmp": saved(palette, "BMP"),
    "from-top.bmp": bmp(24, [row.tobytes() for row in colours], from_top=True),
    "555.bmp": bmp(16, [row.astype("<u2").tobytes() for row in words(H, W)]),
    "565.bmp": bmp(16, [r.astype("<u2").tobytes() for r in words(H, W)], struct.pack("<III", 0xF800, 0x7E0, 0x1F)),
    "32.bmp": bmp(32, [row.tobytes() for row in draw.integers(0, 256, (H, W, 4), dtype=np.uint8)]),
    "4.bmp": bmp(4, [r.tobytes() for r in draw.integers(0, 256, (H, 4), dtype=np.uint8)], palette=words(64).astype("u1").tobytes()),
    "1.bmp": bmp(1, [r.tobytes() for r in draw.integers(0, 256, (H, 1), dtype=np.uint8)], palette=bytes([9, 20, 30, 0, 200, 99, 50, 0])),
    "rgb.ppm": saved(rgb, "PPM"),
    "grey.pgm": saved(grey, "PPM"),
    "bits.pbm": saved(bits, "PPM"),
    "text.ppm": b"P3 # made by hand\n%d %d\n255\n" % (W, H) + b" ".join(b"%d" % v for v in colours.ravel()),
    "text.pgm": b"P2\n%d %d\n100 " % (W, H) + b"\n".join(b"%d" % (v % 101) for v in colours[..., 0].ravel()),
    "text.pbm": b"P1\n%d %d\n" % (W, H) + b"".join(b"%d" % (v >> 7) for v in colours[..., 0].ravel()),
    "to-510.ppm": b"P6 %d %d 510\n" % (W, H) + draw.integers(0, 511, (H, W, 3)).astype(">u2").tobytes(),
    "to-1000.ppm": b"P6 %d %d 1000\n" % (W, H) + draw.integers(0, 1001, (H, W, 3)).astype(">u2").tobytes(),
    "to-9.pgm": b"P5 %d %d 9\n" % (W, H) + draw.integers(0, 10, (H, W), dtype=np.uint8).tobytes(),
}

golden = {}
for name, content in files.items():
    image = Image.open(io.BytesIO(content))
    mode, stored = image.mode, image.convert("RGB")
    golden[name] = {
        "file": base64.b64encode(content).decode(),
        "mode": mode,
        "size": list(stored.size),
        "rgb": base64.b64encode(zlib.compress(stored.tobytes(), 9)).decode(),
    }
json.dump(golden, sys.stdout, indent=1)
print()

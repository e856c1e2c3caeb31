"""Writes the small image files of fixtures/ and what PIL makes of them (expected.json). Run with Debian's python3-pil, -numpy, -torchvision."""
import base64, hashlib, io, json, os, random, struct, zlib
import numpy as np
import PIL
import torch, torchvision
import torchvision.transforms as T
import torchvision.transforms.functional as TF
from PIL import Image, ImageOps, ImageCms, PngImagePlugin

here = os.path.dirname(os.path.abspath(__file__))
folder = os.path.join(here, "fixtures")
os.makedirs(folder, exist_ok=True)
for old in os.listdir(folder):
    os.remove(os.path.join(folder, old))
rng = np.random.default_rng(7)
W, H = 23, 17
y, x = np.mgrid[0:H, 0:W].astype(float)
scene = np.stack([
    127 + 120 * np.sin(x / 3.1) * np.cos(y / 2.3),
    255 * x / (W - 1),
    255 * (y / (H - 1)) ** 2,
], -1) + rng.normal(0, 9, (H, W, 3))
scene = np.clip(scene, 0, 255).astype(np.uint8)
alpha = np.clip(x * 13 + y * 3 - 20, 0, 255).astype(np.uint8)
rgb = Image.fromarray(scene)
gray = rgb.convert("L")
rgba = Image.fromarray(np.dstack([scene, alpha]))

decoded = []


def pixels(image):
    array = np.ascontiguousarray(np.asarray(image))
    return {"width": image.width, "height": image.height, "pixels": base64.b64encode(array.tobytes()).decode()}


def over_mid_gray(image):
    image = image.convert("RGBA")
    ground = Image.new("RGB", image.size, (128, 128, 128))
    ground.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return ground


def record(name, image=None, transparent=False, note=None, tolerance=0):
    """What PIL reads from the file, unless the pixels are given; `tolerance` in levels."""
    if image is None:
        with Image.open(os.path.join(folder, name)) as opened:
            oriented = ImageOps.exif_transpose(opened)
            image = over_mid_gray(oriented) if transparent else oriented.convert("RGB")
    decoded.append({"file": name, "transparent": transparent, "tolerance": tolerance, **({"note": note} if note else {}), **pixels(image)})


def save(name, image, transparent=False, **options):
    image.save(os.path.join(folder, name), **options)
    record(name, transparent=transparent)


def write(name, data):
    with open(os.path.join(folder, name), "wb") as out:
        out.write(data)


# --- jpeg
save("rgb.jpg", rgb, quality=90)
save("rgb-444.jpg", rgb, quality=95, subsampling=0)
save("rgb-422.jpg", rgb, quality=80, subsampling=1)
save("progressive.jpg", rgb, quality=75, progressive=True)
save("gray.jpg", gray, quality=90)
save("cmyk.jpg", rgb.convert("CMYK"), quality=92)
cmyk = Image.fromarray(np.dstack([scene, np.clip(200 - x * 9, 0, 255).astype(np.uint8)]), "CMYK")
save("cmyk-black.jpg", cmyk, quality=92)
xyz = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
xyz[24:36] = bytes(12)  # the time it was made
at = xyz.find(b"rXYZ")
offset = struct.unpack(">I", xyz[at + 4:at + 8])[0]
xyz[offset + 8:offset + 20] = struct.pack(">iii", 40000, 15000, 9000)  # a profile that is not sRGB, as a camera's
save("icc-profile.jpg", rgb, quality=90, icc_profile=bytes(xyz))
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    save(f"exif-{orientation}.jpg", rgb, quality=90, exif=exif)

# Adobe's YCCK, by an Adobe marker with transform 2 in place of 0: PIL and libjpeg convert to CMYK first
data = bytearray(open(os.path.join(folder, "cmyk.jpg"), "rb").read())
at = data.find(b"Adobe")
assert data[at + 11] == 0
data[at + 11] = 2
write("ycck.jpg", bytes(data))
record("ycck.jpg")

# --- png
save("rgb.png", rgb)
save("gray.png", gray)
save("bilevel.png", gray.convert("1"))
save("palette.png", rgb.quantize(16))
save("palette-256.png", rgb.quantize(256))
save("palette-4.png", rgb.quantize(4), bits=2)
save("icc-profile.png", rgb, icc_profile=bytes(xyz))
save("rgba.png", rgba, transparent=True)
save("gray-alpha.png", Image.merge("LA", [gray, Image.fromarray(alpha)]), transparent=True)
save("opaque-alpha.png", Image.fromarray(np.dstack([scene, np.full((H, W), 255, np.uint8)])))
save("palette-transparent.png", rgb.quantize(16), transparent=True, transparency=3)
save("palette-alpha.png", rgb.quantize(8), transparent=True, transparency=bytes([0, 40, 80, 120, 160, 200, 240, 255]))
save("rgb-transparent.png", Image.fromarray(np.where((x < 8)[..., None], 10, scene).astype(np.uint8)), transparent=True, transparency=(10, 10, 10))
save("gray-transparent.png", Image.fromarray(np.where(x < 8, 10, np.asarray(gray)).astype(np.uint8)), transparent=True, transparency=10)
gamma = PngImagePlugin.PngInfo()
gamma.add(b"gAMA", struct.pack(">I", 100000))
save("gamma.png", rgb, pnginfo=gamma)
exif = Image.Exif()
exif[0x0112] = 6
save("exif-6.png", rgb, exif=exif)


def png(width, height, depth, color, rows, interlace=0, extra=b""):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    raw = b"".join(b"\0" + row for row in rows)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace))
            + extra + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


deep = rng.integers(0, 65536, (H, W, 4)).astype(">u2")
eight = (deep >> 8).astype(np.uint8)  # the rule for 16 bits: v >> 8
write("gray-16.png", png(W, H, 16, 0, [deep[k, :, 0].tobytes() for k in range(H)]))
record("gray-16.png", Image.fromarray(eight[..., 0]).convert("RGB"), note="v >> 8 by numpy; PIL clips 16-bit gray to 255")
write("rgb-16.png", png(W, H, 16, 2, [deep[k, :, :3].tobytes() for k in range(H)]))
record("rgb-16.png")
write("rgba-16.png", png(W, H, 16, 6, [deep[k].tobytes() for k in range(H)]))
record("rgba-16.png", transparent=True)
write("gray-alpha-16.png", png(W, H, 16, 4, [deep[k, :, :2].tobytes() for k in range(H)]))
record("gray-alpha-16.png", over_mid_gray(Image.merge("LA", [Image.fromarray(eight[..., 0]), Image.fromarray(eight[..., 1])])),
       transparent=True, note="v >> 8 by numpy, pasted by PIL")
adam = []
for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
    adam += [scene[k, x0::dx].tobytes() for k in range(y0, H, dy)]
write("interlaced.png", png(W, H, 8, 2, adam, interlace=1))
record("interlaced.png")

# --- webp
save("rgb.webp", rgb, quality=80)
save("lossless.webp", rgb, lossless=True)
save("rgba.webp", rgba, transparent=True, lossless=True, exact=True)
save("rgba-lossy.webp", rgba, transparent=True, quality=80)
save("animated.webp", rgb, save_all=True, append_images=[gray.convert("RGB")], lossless=True)
exif = Image.Exif()
exif[0x0112] = 8
save("exif-8.webp", rgb, exif=exif, lossless=True)

# --- gif
save("palette.gif", rgb.quantize(32))
save("gray.gif", gray)
save("animated.gif", rgb.quantize(32), save_all=True, append_images=[gray.convert("P")], duration=50)
save("transparent.gif", rgb.quantize(32), transparent=True, transparency=5)
save("interlaced.gif", rgb.quantize(32), interlace=1)
# a first frame that is not the screen: what a smaller one leaves out is color 0 or, where there is one, the transparent color
for name, (w, h), transparent in [("small-frame", (W, H), False), ("small-frame-transparent", (W, H), True), ("large-frame", (9, 8), False)]:
    held = io.BytesIO()
    rgb.crop((0, 0, 11, 9)).quantize(16).save(held, format="GIF", **({"transparency": 5} if transparent else {}))
    part = bytearray(held.getvalue())
    part[6:10] = struct.pack("<HH", w, h)
    at = part.index(struct.pack("<HHHH", 0, 0, 11, 9), 13)
    part[at:at + 4] = struct.pack("<HH", 5, 4)
    write(f"{name}.gif", bytes(part))
    record(f"{name}.gif", transparent=transparent)

# --- tiff
save("rgb.tif", rgb)
save("lzw.tif", rgb, compression="tiff_lzw")
save("deflate.tiff", rgb, compression="tiff_adobe_deflate")
save("packbits.tif", rgb, compression="packbits")
save("jpeg.tif", rgb, compression="jpeg", quality=90)
save("gray.tif", gray)
save("bilevel.tif", gray.convert("1"))
save("group4.tif", gray.convert("1"), compression="group4")
save("palette.tif", rgb.quantize(16))
save("cmyk.tif", cmyk)
save("rgba.tif", rgba, transparent=True)
exif = Image.Exif()
exif[0x0112] = 3
rgb.save(os.path.join(folder, "exif-3.tif"), exif=exif)
record("exif-3.tif", Image.open(os.path.join(folder, "exif-3.tif")).convert("RGB"), note="loading a TIFF orients it; exif_transpose of PIL 9.4 would turn it again")
save("pages.tif", rgb, save_all=True, append_images=[gray.convert("RGB")])


def tiff(width, height, samples, bits, photometric, body, order="<", extra=()):
    tags = [(256, 4, [width]), (257, 4, [height]), (258, 3, [bits] * samples), (259, 3, [1]), (262, 3, [photometric]),
            (273, 4, [0]), (277, 3, [samples]), (278, 4, [height]), (279, 4, [len(body)]), *extra]
    sizes = {3: ("H", 2), 4: ("I", 4)}
    start = 8 + 2 + 12 * len(tags) + 4
    tail, fields = b"", b""
    outside = sum(sizes[kind][1] * len(v) for _, kind, v in tags if sizes[kind][1] * len(v) > 4)
    for tag, kind, values in sorted(tags):
        if tag == 273:
            values = [start + outside]
        packed = struct.pack(order + sizes[kind][0] * len(values), *values)
        if len(packed) > 4:
            fields += struct.pack(order + "HHII", tag, kind, len(values), start + len(tail))
            tail += packed
        else:
            fields += struct.pack(order + "HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(order + "IH", 8, len(tags)) + fields + struct.pack(order + "I", 0) + tail + body


for order in "<>":
    end = "le" if order == "<" else "be"
    write(f"gray-16-{end}.tif", tiff(W, H, 1, 16, 1, deep[..., 0].astype(order + "u2").tobytes(), order))
    record(f"gray-16-{end}.tif", Image.fromarray(eight[..., 0]).convert("RGB"), note="v >> 8 by numpy; PIL clips 16-bit gray to 255")
    write(f"rgb-16-{end}.tif", tiff(W, H, 3, 16, 2, np.ascontiguousarray(deep[..., :3]).astype(order + "u2").tobytes(), order))
    record(f"rgb-16-{end}.tif")
write("white-is-zero.tif", tiff(W, H, 1, 8, 0, np.asarray(gray).tobytes()))
record("white-is-zero.tif")
premultiplied = np.dstack([(scene.astype(int) * alpha[..., None] // 255).astype(np.uint8), alpha])
write("premultiplied.tif", tiff(W, H, 4, 8, 2, premultiplied.tobytes(), extra=[(338, 3, [1])]))
record("premultiplied.tif", transparent=True, tolerance=1, note="PIL divides by alpha in 8 bits before it is pasted over gray")

# --- bmp: PIL writes some, the rest is put together here
save("rgb.bmp", rgb)
save("gray.bmp", gray)
save("palette.bmp", rgb.quantize(256))
save("bilevel.bmp", gray.convert("1"))
save("rgba.bmp", rgba, transparent=False)  # 32 bits without a mask for alpha: the fourth byte is padding


def bmp(width, height, bits, body, palette=b"", compression=0, masks=b"", header=40, used=0):
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(body), 2835, 2835, used, 0)
        info += masks if header > 40 else b""
        info = info.ljust(header, b"\0")
        if header == 40:
            info += masks
    offset = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(body), 0, 0, offset) + info + palette + body


def padded(row):
    return row + b"\0" * (-len(row) % 4)


bgr = scene[..., ::-1]
write("top-down.bmp", bmp(W, -H, 24, b"".join(padded(bgr[k].tobytes()) for k in range(H))))
record("top-down.bmp")
index16 = np.asarray(rgb.quantize(16))
colors16 = np.array(rgb.quantize(16).getpalette()[:48], np.uint8).reshape(16, 3)
palette16 = b"".join(bytes([b, g, r, 0]) for r, g, b in colors16)


def nibbles(row):
    row = list(row) + [0] * (len(row) % 2)
    return bytes(row[k] << 4 | row[k + 1] for k in range(0, len(row), 2))


write("palette-4-bit.bmp", bmp(W, H, 4, b"".join(padded(nibbles(index16[k])) for k in range(H - 1, -1, -1)), palette16))
record("palette-4-bit.bmp")
write("os2.bmp", bmp(W, H, 4, b"".join(padded(nibbles(index16[k])) for k in range(H - 1, -1, -1)),
                     b"".join(bytes([b, g, r]) for r, g, b in colors16), header=12))
record("os2.bmp")
five = (scene[..., 0] >> 3).astype(int) << 10 | (scene[..., 1] >> 3).astype(int) << 5 | (scene[..., 2] >> 3)
write("rgb-555.bmp", bmp(W, H, 16, b"".join(padded(five[k].astype("<u2").tobytes()) for k in range(H - 1, -1, -1))))
record("rgb-555.bmp")
six = (scene[..., 0] >> 3).astype(int) << 11 | (scene[..., 1] >> 2).astype(int) << 5 | (scene[..., 2] >> 3)
write("rgb-565.bmp", bmp(W, H, 16, b"".join(padded(six[k].astype("<u2").tobytes()) for k in range(H - 1, -1, -1)),
                         compression=3, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F)))
record("rgb-565.bmp")
quad = np.dstack([bgr, alpha])
write("bgra-v4.bmp", bmp(W, H, 32, quad[::-1].tobytes(), compression=3, header=108,
                         masks=struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)))
record("bgra-v4.bmp", transparent=True)
write("xrgb-masks.bmp", bmp(W, H, 32, np.dstack([alpha, bgr])[::-1].tobytes(), compression=3,
                            masks=struct.pack("<III", 0xFF000000, 0xFF0000, 0xFF00)))
record("xrgb-masks.bmp")
write("bgrx.bmp", bmp(W, H, 32, quad[::-1].tobytes()))
record("bgrx.bmp")

index256 = np.asarray(rgb.quantize(64))
colors64 = np.array(rgb.quantize(64).getpalette()[:192], np.uint8).reshape(64, 3)
index256 = np.repeat(index256[:, ::3], 3, axis=1)[:, :W]


def rle8(rows):
    out = b""
    for row in rows:
        row, k = list(row), 0
        while k < len(row):
            run = 1
            while k + run < len(row) and row[k + run] == row[k] and run < 255:
                run += 1
            if run == 1 and k + 4 <= len(row):
                chunk = row[k:k + 4]
                out += bytes([0, 4, *chunk])
                k += 4
            else:
                out += bytes([run, row[k]])
                k += run
        out += b"\0\0"
    return out + b"\0\1"


write("rle8.bmp", bmp(W, H, 8, rle8(index256[::-1]), b"".join(bytes([b, g, r, 0]) for r, g, b in colors64), compression=1, used=64))
record("rle8.bmp")
body = b""
for row in index16[::-1]:
    row = list(row)
    body += bytes([0, 8]) + nibbles(row[:8])  # eight pixels as they are; of an odd number PIL 9.4 loses one
    for k in range(8, W, 2):
        n = min(2, W - k)
        body += bytes([n, row[k] << 4 | (row[k + 1] if n == 2 else 0)])
    body += b"\0\0"
write("rle4.bmp", bmp(W, H, 4, body + b"\0\1", palette16, compression=2))
record("rle4.bmp")
# a jump over pixels (delta) and an early end: what is jumped over has color 0
write("rle8-delta.bmp", bmp(W, H, 8, bytes([5, 3, 0, 2, 4, 2, 6, 9, 0, 0, 3, 7, 0, 1]),
                            b"".join(bytes([b, g, r, 0]) for r, g, b in colors64), compression=1, used=64))
jumped = np.zeros((H, W), int)
jumped[H - 1, 0:5], jumped[H - 3, 9:15], jumped[H - 4, 0:3] = 3, 9, 7
record("rle8-delta.bmp", Image.fromarray(colors64[jumped]), note="drawn by numpy: PIL 9.4 refuses jumps")

# --- what is refused
os.makedirs(os.path.join(here, "hostile"), exist_ok=True)
Image.fromarray(np.asarray(gray, np.float32) / 255).save(os.path.join(here, "hostile", "float.tif"))

# --- resize, crop, normalise
resizes = []
for k, (w, h, to_w, to_h) in enumerate([(23, 17, 23, 17), (23, 17, 7, 5), (23, 17, 61, 40), (23, 17, 23, 5), (23, 17, 5, 17), (1, 1, 9, 4),
                                        (300, 2, 3, 1), (640, 480, 224, 224), (175, 175, 256, 256), (97, 211, 256, 556), (400, 401, 33, 1000)]):
    # drawn without a library's generator, so that a test draws the same: Knuth's linear congruence, its top byte
    state, values = k, bytearray(w * h * 3)
    for i in range(len(values)):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = state >> 24
    image = Image.frombytes("RGB", (w, h), bytes(values)).resize((to_w, to_h), Image.BILINEAR)
    resizes.append({"seed": k, "from": [w, h], "to": [to_w, to_h], "sha256": hashlib.sha256(image.tobytes()).hexdigest(),
                    "firstPixels": list(image.tobytes()[:12])})

preprocessed, windows = [], []
NORMALIZE = T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
for seed, w, h, side in [(20, 175, 175, 224), (21, 300, 200, 224), (22, 97, 151, 224), (23, 402, 400, 224), (24, 224, 224, 224), (25, 257, 256, 224), (26, 130, 259, 64)]:
    state, values = seed, bytearray(w * h * 3)
    for i in range(len(values)):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        values[i] = state >> 24
    image = Image.frombytes("RGB", (w, h), bytes(values))
    crop = T.Compose([T.Resize(round(side * 256 / 224)), T.CenterCrop(side), T.ToTensor(), NORMALIZE])(image).numpy()
    squash = T.Compose([T.Resize((side, side)), T.ToTensor(), NORMALIZE])(image).numpy()
    room = round(side * 256 / 224)
    squash_crop = T.Compose([T.Resize((room, room)), T.CenterCrop(side), T.ToTensor(), NORMALIZE])(image).numpy()
    # The same windows are cut at these shares of the room that there is, down and across.
    for down, across in [(0, 0), (0.999, 0.999), (0.31, 0.77)]:
        for fit, resize in (("crop", T.Resize(room)), ("squash-crop", T.Resize((room, room)))):
            resized = resize(image)
            top, left = int(down * (resized.height - side + 1)), int(across * (resized.width - side + 1))
            window = T.Compose([T.ToTensor(), NORMALIZE])(TF.crop(resized, top, left, side, side)).numpy()
            windows.append({"seed": seed, "from": [w, h], "side": side, "fit": fit, "down": down, "across": across, "top": top, "left": left,
                            "sha256": hashlib.sha256(window.astype("<f4").tobytes()).hexdigest()})
    preprocessed.append({"seed": seed, "from": [w, h], "side": side,
                         **{fit: {"sha256": hashlib.sha256(v.astype("<f4").tobytes()).hexdigest(), "first": [float(t) for t in v.ravel()[:4]]}
                            for fit, v in (("crop", crop), ("squash", squash), ("squash-crop", squash_crop))}})

crops = []
for w, h, crop_w, crop_h in [(256, 256, 224, 224), (257, 256, 224, 224), (259, 256, 224, 224), (261, 7, 224, 4), (5, 6, 2, 3)]:
    grid = np.zeros((h, w, 3), np.uint8)
    grid[..., 0] = np.arange(w) % 256
    grid[..., 1] = (np.arange(h) % 256)[:, None]
    grid[..., 2] = np.arange(w) // 256
    corner = np.asarray(T.CenterCrop((crop_h, crop_w))(Image.fromarray(grid)))[0, 0]
    crops.append({"image": [w, h], "crop": [crop_w, crop_h], "left": int(corner[0]) + 256 * int(corner[2]), "top": int(corner[1])})
shorter = []
for w, h in [(175, 175), (300, 200), (200, 300), (333, 127), (97, 211), (1, 3)]:
    size = T.Resize(256)(Image.new("RGB", (w, h))).size
    shorter.append({"image": [w, h], "size": list(size)})

with open(os.path.join(here, "expected.json"), "w") as out:
    json.dump({"computedBy": f"Pillow {PIL.__version__}, torchvision {torchvision.__version__}, torch {torch.__version__}, numpy {np.__version__}",
               "decoded": decoded, "resizes": resizes, "preprocessed": preprocessed, "windows": windows, "crops": crops, "shorter": shorter}, out, indent=1)
    out.write("\n")

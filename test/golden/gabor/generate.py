"""Gabor energies of one small image by scipy, from the formula in the doc comment of src/backbones/gabor.ts.

Run: python3 generate.py > expected.json
"""
import json
import sys

import numpy as np
import scipy
from scipy.signal import correlate2d

HEIGHT, WIDTH = 64, 128


def image():
    """Coloured gratings, an edge and noise, as 8-bit RGB."""
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    red = 128 + 60 * np.sin(2 * np.pi * (x + 2 * y) / 9) * (x < 70)
    green = 90 + 80 * (x > 40) + 20 * np.cos(2 * np.pi * y / 5)
    blue = 200 * np.exp(-((x - 90) ** 2 + (y - 20) ** 2) / 400.0)
    noisy = np.stack([red, green, blue], -1) + rng.normal(0, 12, (HEIGHT, WIDTH, 3))
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8)


def energies(maps, wavelength, orientations, stride):
    sigma = np.sqrt(np.log(2) / 2) / np.pi * (2**1.5 + 1) / (2**1.5 - 1) * wavelength
    radius = int(np.ceil(2.5 * sigma))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1].astype(float)
    gauss = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    gauss *= 2 / gauss.sum()
    result = []
    for plane in maps:
        for k in range(orientations):
            t = np.pi * k / orientations
            phase = 2 * np.pi * (x * np.cos(t) + y * np.sin(t)) / wavelength
            even = gauss * (np.cos(phase) - (gauss * np.cos(phase)).sum() / gauss.sum())
            odd = gauss * np.sin(phase)
            response = [correlate2d(plane, kernel, mode="same", boundary="fill") for kernel in (even, odd)]
            result.append(np.sqrt(response[0] ** 2 + response[1] ** 2 + 1e-6)[::stride, ::stride])
    return np.stack(result)


def window_means(maps, side):
    c, h, w = maps.shape
    return maps.reshape(c, h // side, side, w // side, side).mean((2, 4))


def main():
    pixels = image()
    r, g, b = np.moveaxis(pixels / 127.5 - 1, -1, 0)
    planes = [(r + g + b) / 3, (r - g) / 2, b / 2 - (r + g) / 4]
    layer0 = energies(planes, 4, 8, 2)
    layer1 = energies(planes, 12, 8, 4)
    layer2 = energies(planes, 32, 8, 8)
    layer3 = energies(layer0, 16, 4, 8)
    together = np.concatenate([window_means(layer0, 32), window_means(layer1, 16), window_means(layer2, 8)])
    by_orientation = together.reshape(9, 8, *together.shape[1:])
    layer4 = (by_orientation / by_orientation.sum(1, keepdims=True) - 1 / 8).reshape(together.shape)
    stages = {}
    for name, maps, every in (
        ("layer0", layer0, 61),
        ("layer1", layer1, 17),
        ("layer2", layer2, 5),
        ("layer3", layer3, 5),
        ("layer4", layer4, 1),
    ):
        values = [float(f"{v:.9g}") for v in maps.ravel()[::every]]
        stages[name] = {"shape": list(maps.shape), "every": every, "values": values}
    json.dump(
        {
            "by": f"scipy {scipy.__version__} (scipy.signal.correlate2d), numpy {np.__version__}",
            "height": HEIGHT,
            "width": WIDTH,
            "rgb": pixels.ravel().tolist(),
            "stages": stages,
        },
        sys.stdout,
        separators=(",", ":"),
    )
    print()


main()

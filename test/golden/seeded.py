"""Numbers that Python and TypeScript both can compute, so that inputs and weights need not be stored; seeded.ts is the same in TypeScript."""
import numpy as np


def seeded(name, shape):
    """float64 in [0, 1) from a name and a position: 32-bit FNV-1a of the name, then a mixer over both."""
    h = 0x811C9DC5
    for character in name:
        h = ((h ^ ord(character)) * 0x01000193) & 0xFFFFFFFF
    size = int(np.prod(shape, dtype=np.int64))
    x = (np.arange(size, dtype=np.uint64) * np.uint64(0x9E3779B1) + np.uint64(h)) & np.uint64(0xFFFFFFFF)
    for _ in range(2):
        x ^= x >> np.uint64(16)
        x = (x * np.uint64(0x45D9F3B)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(16)
    return (x.astype(np.float64) / 2**32).reshape(shape)


def between(name, shape, low, high):
    """The same between two numbers, rounded to float32 and given as float64."""
    return (low + (high - low) * seeded(name, shape)).astype(np.float32).astype(np.float64)

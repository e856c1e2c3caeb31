"""Stage features of seeded networks, computed by PyTorch and torchvision. Run: /usr/bin/python3 test/golden/backbones/generate.py"""
import json
import os
import sys

import torch
import torchvision

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from networks import seeded_networks
from seeded import between

SAMPLES = 80


def describe(y):
    values = y.flatten().double()
    at = [int((k + 0.5) * len(values) / SAMPLES) for k in range(SAMPLES)]
    return {
        "shape": list(y.shape),
        "largest": values.abs().max().item(),
        "mean": values.mean().item(),
        "samples": [float(f"{values[k].item():.7g}") for k in at],
    }


def stages(net, pixels):
    x = net.maxpool(net.relu(net.bn1(net.conv1(pixels))))
    taps = {"layer0": describe(x)}
    for k in range(1, 5):
        for j, block in enumerate(getattr(net, f"layer{k}")):
            x = block(x)
            taps[f"layer{k}.{j}"] = describe(x)
    return taps


cases = []
with torch.no_grad():
    for name, net in seeded_networks().items():
        for n, height, width in ((1, 224, 224), (2, 97, 130)):
            pixels = torch.from_numpy(between("pixels", [n, 3, height, width], -2, 2)).float()
            cases.append({"network": name, "input": [n, 3, height, width], "stages": stages(net, pixels)})

with open(os.path.join(HERE, "expected.json"), "w") as out:
    versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}, float32"
    json.dump({"computedBy": versions, "samples": SAMPLES, "cases": cases}, out)

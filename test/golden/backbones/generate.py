"""Stage features of seeded networks, computed by PyTorch and torchvision. Run: /usr/bin/python3 test/golden/backbones/generate.py

SE-ResNeXt-50 is torchvision's ResNeXt-50 with torchvision's squeeze-and-excitation before each shortcut is added and Cadene's pool.
"""
import json
import os
import sys

import numpy as np
import torch
import torchvision
from torch import nn
from torchvision.models.resnet import Bottleneck, ResNet
from torchvision.ops import SqueezeExcitation

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from seeded import between

SAMPLES = 80


class SEBottleneck(Bottleneck):
    def __init__(self, inplanes, planes, *args, **kwargs):
        super().__init__(inplanes, planes, *args, **kwargs)
        self.se = SqueezeExcitation(planes * 4, planes * 4 // 16)
        self.bn3 = nn.Sequential(self.bn3, self.se)


def se_resnext50_32x4d():
    net = ResNet(SEBottleneck, [3, 4, 6, 3], groups=32, width_per_group=4)
    net.maxpool = nn.MaxPool2d(3, 2, 0, ceil_mode=True)
    return net


def fill(net):
    """Weights from the names that the arrays have in our files; batch norm is away from the identity, so that a misplaced one shows."""
    for name, value in net.state_dict().items():
        name = name.replace(".bn3.0.", ".bn3.")
        if ".bn3.1." in name or name.startswith("fc.") or name.endswith("num_batches_tracked"):
            continue
        shape = list(value.shape)
        if value.ndim == 4:
            bound = 3 ** 0.5 * int(np.prod(shape[1:])) ** -0.5
            low, high = -bound, bound
        elif name.endswith("running_var"):
            low, high = 0.5, 2
        elif name.endswith("weight"):
            low, high = 0.5, 1.5
        else:
            low, high = -0.3, 0.3
        value.copy_(torch.from_numpy(between(name, shape, low, high)))


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


networks = {"se_resnext50_32x4d": se_resnext50_32x4d(), "resnet50": torchvision.models.resnet50()}
cases = []
with torch.no_grad():
    for name, net in networks.items():
        fill(net)
        net.eval()
        for n, height, width in ((1, 224, 224), (2, 97, 130)):
            pixels = torch.from_numpy(between("pixels", [n, 3, height, width], -2, 2)).float()
            cases.append({"network": name, "input": [n, 3, height, width], "stages": stages(net, pixels)})

with open(os.path.join(HERE, "expected.json"), "w") as out:
    versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}, float32"
    json.dump({"computedBy": versions, "samples": SAMPLES, "cases": cases}, out)

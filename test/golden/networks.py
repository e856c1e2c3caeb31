"""The residual networks in PyTorch, with seeded weights that TypeScript can compute too; seeded-weights.ts is the same.

SE-ResNeXt-50 is torchvision's ResNeXt-50 with torchvision's squeeze-and-excitation before each shortcut is added and Cadene's pool.
"""
import numpy as np
import torch
import torchvision
from torch import nn
from torchvision.models.resnet import Bottleneck, ResNet
from torchvision.ops import SqueezeExcitation

from seeded import between


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


def seeded_networks():
    """Both by name, in evaluation mode: batch norms keep their statistics."""
    networks = {"se_resnext50_32x4d": se_resnext50_32x4d(), "resnet50": torchvision.models.resnet50()}
    with torch.no_grad():
        for net in networks.values():
            fill(net)
            net.eval()
    return networks


def parameters_of(net):
    """Trained arrays by the names that they have in our files."""
    return {
        name.replace(".bn3.0.", ".bn3.").replace(".bn3.1.", ".se."): value
        for name, value in net.named_parameters()
        if not name.startswith("fc.")
    }


def layers(net, pixels):
    """layer0 (after the pool) to layer4."""
    x = net.maxpool(net.relu(net.bn1(net.conv1(pixels))))
    taps = [x]
    for layer in (net.layer1, net.layer2, net.layer3, net.layer4):
        x = layer(x)
        taps.append(x)
    return taps

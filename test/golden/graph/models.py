"""Small models as PyTorch exports them to ONNX, with outputs and gradients by autograd in float64. Run: /usr/bin/python3 test/golden/graph/models.py"""
import base64
import io
import json
import os
import sys
import warnings

import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from seeded import between

warnings.filterwarnings("ignore")


class Residual(nn.Module):
    """Normalisation that is not folded, ReLU6, a padded pool, groups with stride, squeeze and excitation, a shortcut, a linear layer."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(6, eps=1e-3)
        self.wide = nn.Conv2d(6, 6, 3, stride=2, padding=1, groups=2)
        self.squeeze = nn.Conv2d(6, 2, 1)
        self.excite = nn.Conv2d(2, 6, 1)
        self.shortcut = nn.Conv2d(6, 6, 1, stride=2)
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu6(4 * self.norm(self.stem(x))), 3, 2, 1)
        y = self.wide(x)
        gate = torch.sigmoid(self.excite(F.relu(self.squeeze(F.adaptive_avg_pool2d(y, 1)))))
        y = F.relu(y * gate + self.shortcut(x))
        return y, self.head(F.dropout(y.mean((2, 3)), training=False))


class Inception(nn.Module):
    """Local response normalisation, branches that are concatenated, average pools, padding and shapes computed from the batch."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, stride=2)
        self.norm = nn.LocalResponseNorm(3, alpha=0.5, beta=0.75, k=1.5)
        self.branch = nn.Conv2d(6, 4, 1)
        self.head = nn.Linear(10, 2)

    def forward(self, x):
        x = F.max_pool2d(self.norm(F.relu(self.stem(x))), 3, 2, ceil_mode=True)
        pooled = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        y = torch.cat([self.branch(x), pooled], 1)
        z = F.avg_pool2d(F.pad(y, (0, 1, 0, 1)), 2, 2)
        z = F.adaptive_avg_pool2d(z, 1)
        return y, self.head(z.view(z.size(0), -1))


class Layout(nn.Module):
    """Tokens: axes in another order, slices, means over axes, norms, matrix products with weights on either side."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Conv2d(3, 4, 2, stride=2)
        self.mix = nn.Parameter(torch.empty(4, 5))

    def forward(self, x):
        tokens = self.embed(x).flatten(2).transpose(1, 2)
        centred = tokens - tokens.mean(-1, keepdim=True)
        scaled = centred / torch.sqrt((centred**2).sum(-1, keepdim=True) + 0.1)
        y = torch.matmul(scaled, self.mix)
        return y, y[:, 1::2].abs().unsqueeze(1).exp().sum(1)[:, :, :-1]


class Affine(nn.Module):
    """Pixels normalised in the model, gains and offsets of their own, layer normalisation, and a linear layer on tokens, whose weight is turned."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.empty(3, 1, 1))
        self.register_buffer("std", torch.empty(3, 1, 1))
        self.c = nn.Conv2d(3, 4, 3, stride=2)
        self.gamma = nn.Parameter(torch.empty(4, 1, 1))
        self.beta = nn.Parameter(torch.empty(4, 1, 1))
        self.norm = nn.LayerNorm(4)
        self.l = nn.Linear(4, 5)

    def forward(self, x):
        maps = self.c((x - self.mean) / self.std) * self.gamma + self.beta
        y = self.l(self.norm(maps.flatten(2).transpose(1, 2)))
        return y, y.mean(1) / 2**0.5


def golden(name, module, size):
    model = module.eval()
    with torch.no_grad():
        for key, value in model.state_dict().items():
            if value.dtype.is_floating_point:
                low, high = (0.5, 1.5) if key == "std" or "var" in key or key == "norm.weight" else (-0.5, 0.5)
                value.copy_(torch.from_numpy(between(f"{name}/{key}", list(value.shape), low, high)))
    data = io.BytesIO()
    torch.onnx.export(
        model,
        torch.zeros(1, 3, size, size),
        data,
        input_names=["images"],
        output_names=["features", "last"],
        dynamic_axes={"images": {0: "n"}},
        training=torch.onnx.TrainingMode.PRESERVE,
        do_constant_folding=False,
        opset_version=13,
    )
    model = model.double()
    outputs = model(torch.from_numpy(between(f"{name}/images", [2, 3, size, size], -1, 1)))
    upstream = [torch.from_numpy(between(f"{name}/upstream{k}", list(y.shape), -1, 1)) for k, y in enumerate(outputs)]
    parameters = dict(model.named_parameters())
    gradients = torch.autograd.grad(outputs, list(parameters.values()), upstream)
    return {
        "name": name,
        "size": size,
        "model": base64.b64encode(data.getvalue()).decode(),
        "outputs": [{"shape": list(y.shape), "values": y.flatten().tolist()} for y in outputs],
        "gradients": {k: g.flatten().tolist() for k, g in zip(parameters, gradients)},
    }


models = [golden("residual", Residual(), 13), golden("inception", Inception(), 15), golden("layout", Layout(), 6), golden("affine", Affine(), 9)]
with open(os.path.join(HERE, "models.json"), "w") as out:
    json.dump({"computedBy": f"torch {torch.__version__}, opset 13", "models": models}, out)

"""Golden gradients, by PyTorch's autograd in float64. Run: /usr/bin/python3 test/golden/graph/gradients.py"""
import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from seeded import between

cases = []


def inputs_of(name, shapes, ranges, levels):
    """Seeded values; with levels, rounded down to so many a unit, so that ties and exact zeros occur."""
    arrays = [between(f"{name}/{k}", s, *r) for k, (s, r) in enumerate(zip(shapes, ranges))]
    if levels is not None:
        arrays = [np.floor(a * levels) / levels for a in arrays]
    return [torch.from_numpy(a).requires_grad_() for a in arrays]


def case(about, operator, shapes, attributes, compute, ranges=None, levels=None, differentiated=None):
    name = f"{about}/{len(cases)}"
    ranges = ranges or [[-1, 1]] * len(shapes)
    inputs = inputs_of(name, shapes, ranges, levels)
    y = compute(*inputs)
    upstream = torch.from_numpy(between(f"{name}/upstream", list(y.shape), -1, 1))
    wanted = inputs[: differentiated or len(inputs)]
    gradients = torch.autograd.grad(y, wanted, upstream)
    cases.append(
        {
            "name": name,
            "about": about,
            "operator": operator,
            "inputs": [{"shape": s, "range": r} for s, r in zip(shapes, ranges)],
            "levels": levels,
            "attributes": attributes,
            "shape": list(y.shape),
            "gradients": [g.flatten().tolist() for g in gradients],
        }
    )


def conv(about, maps, kernels, stride=1, pad=0, groups=1, bias=False):
    """Padding as our operator names its sides: one number, or top, left, bottom, right."""
    shapes = [maps, kernels] + ([[kernels[0]]] if bias else [])
    top, left, bottom, right = pad if isinstance(pad, list) else [pad] * 4
    run = lambda x, w, b=None: F.conv2d(F.pad(x, (left, right, top, bottom)), w, b, stride, 0, 1, groups)
    case(about, "conv", shapes, {"stride": stride, "pad": pad, "groups": groups}, run)


conv("a grouped 3 x 3 convolution", [2, 6, 5, 4], [9, 2, 3, 3], pad=1, groups=3, bias=True)
conv("a grouped 3 x 3 convolution with stride", [2, 4, 8, 7], [4, 2, 3, 3], stride=2, pad=1, groups=2)
conv("a convolution with a channel a group", [1, 4, 6, 6], [4, 1, 3, 3], stride=2, pad=1, groups=4)
conv("asymmetric padding", [1, 2, 5, 6], [3, 2, 3, 2], pad=[0, 1, 2, 0])
conv("padding wider than the kernel reaches", [1, 2, 4, 5], [2, 2, 2, 1], pad=[2, 1, 1, 2])
conv("a 7 x 7 stem", [1, 3, 15, 14], [4, 3, 7, 7], stride=2, pad=3)
conv("a 1 x 1 convolution", [2, 3, 3, 4], [5, 3, 1, 1], bias=True)
conv("a 1 x 1 convolution with stride", [2, 3, 6, 7], [4, 3, 1, 1], stride=2)
conv("a stride that leaves positions out", [1, 2, 9, 8], [2, 2, 2, 2], stride=3)
conv("maps and kernels one column wide", [1, 1, 3, 1], [1, 1, 3, 1], pad=[1, 0, 1, 0])

for length in (6, 7, 8):
    for pad, ceil in ((0, True), (1, False), (1, True), (0, False)):
        case(
            f"overlapping windows of a pool, padding {pad}{', ceil mode' if ceil else ''}, with ties",
            "maxPool",
            [[1, 2, length, length]],
            {"kernel": 3, "stride": 2, "pad": pad, "ceil": ceil},
            lambda x, pad=pad, ceil=ceil: F.max_pool2d(x, 3, 2, pad, ceil_mode=ceil),
            levels=2,
        )
case(
    "a pool whose windows leave positions out",
    "maxPool",
    [[1, 1, 8, 7]],
    {"kernel": 2, "stride": 3, "ceil": True},
    lambda x: F.max_pool2d(x, 2, 3, ceil_mode=True),
)
case(
    "a pool over maps that are zero, as behind ReLU",
    "maxPool",
    [[1, 1, 7, 7]],
    {"kernel": 3, "stride": 2, "ceil": True},
    lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True),
    ranges=[[0, 0]],
)
case("ReLU, at 0 too", "relu", [[4, 5]], {}, F.relu, levels=2)
case("|x|, at 0 too", "abs", [[4, 5]], {}, torch.abs, levels=2)
case("ReLU6, at its bounds too", "clip", [[4, 5]], {"least": 0, "most": 6}, F.relu6, [[-2, 8]], levels=1)
case("power", "power", [[3, 4]], {"exponent": -0.75}, lambda x: x**-0.75, [[0.1, 3]])
case("sigmoid", "sigmoid", [[3, 4]], {}, torch.sigmoid, [[-8, 8]])
case("sqrt", "sqrt", [[3, 4]], {}, torch.sqrt, [[0.1, 4]])
case("multiply with both repeated", "multiply", [[2, 1, 4], [3, 1]], {}, torch.mul)
case("multiply as squeeze and excitation does", "multiply", [[2, 3, 2, 2], [2, 3, 1, 1]], {}, torch.mul)
case("divide with a repeated divisor", "divide", [[2, 3, 4], [3, 1]], {}, torch.div, [[-1, 1], [0.5, 2]])
case("the mean over positions", "globalMean", [[2, 3, 4, 5]], {}, lambda x: F.adaptive_avg_pool2d(x, 1))
case("a matrix that meets every matrix", "matMul", [[2, 3, 4], [4, 2]], {}, torch.matmul)
case(
    "transposed operands",
    "matMul",
    [[2, 4, 3], [2, 5, 4]],
    {"transposeA": True, "transposeB": True},
    lambda a, b: a.mT @ b.mT,
)
case(
    "batch normalisation with frozen statistics",
    "batchNorm",
    [[2, 3, 2, 2], [3], [3], [3], [3]],
    {"epsilon": 1e-3},
    lambda x, gain, bias, mean, variance: F.batch_norm(
        x, mean.detach(), variance.detach(), gain, bias, eps=1e-3
    ),
    [[-1, 1], [0.5, 2], [-1, 1], [-1, 1], [0.5, 2]],
    differentiated=3,
)


def norm(prefix, channels):
    """Shapes and ranges of a normalisation's arrays; the first two train."""
    return {
        f"{prefix}.weight": ([channels], [0.5, 1.5]),
        f"{prefix}.bias": ([channels], [-0.5, 0.5]),
        f"{prefix}.running_mean": ([channels], [-0.5, 0.5]),
        f"{prefix}.running_var": ([channels], [0.5, 2]),
    }


def residual_block():
    """A stem, a block with squeeze and excitation, masks over two stages, 1 - Pearson's r, and a weighted L1 loss: the whole method, small."""
    n = 4
    arrays = {
        "pixels": ([n, 2, 15, 15], [-1, 1]),
        "stem": ([6, 2, 7, 7], [-0.3, 0.3]),
        **norm("norm0", 6),
        "conv1": ([4, 6, 1, 1], [-1, 1]),
        **norm("norm1", 4),
        "conv2": ([4, 2, 3, 3], [-1, 1]),
        **norm("norm2", 4),
        "conv3": ([8, 4, 1, 1], [-1, 1]),
        **norm("norm3", 8),
        "fc1.weight": ([3, 8, 1, 1], [-1, 1]),
        "fc1.bias": ([3], [-1, 1]),
        "fc2.weight": ([8, 3, 1, 1], [-1, 1]),
        "fc2.bias": ([8], [-1, 1]),
        "shortcut": ([8, 6, 1, 1], [-1, 1]),
        **norm("norm4", 8),
        "mask0": ([6, 1, 1], [0.5, 1.5]),
        "mask1": ([8, 1, 1], [0.5, 1.5]),
        "scale": ([1], [0.5, 1.5]),
        "offset": ([1], [-0.5, 0.5]),
        "target": ([n, n], [0, 2]),
        "reliability": ([n, n], [0.5, 2]),
    }
    t = {k: torch.from_numpy(between(f"block/{k}", s, *r)).requires_grad_() for k, (s, r) in arrays.items()}

    def normed(x, prefix):
        mean, variance = (t[f"{prefix}.running_{k}"].detach() for k in ("mean", "var"))
        return F.batch_norm(x, mean, variance, t[f"{prefix}.weight"], t[f"{prefix}.bias"])

    x = F.relu(normed(F.conv2d(t["pixels"], t["stem"], stride=2, padding=3), "norm0"))
    stage0 = F.max_pool2d(x, 3, 2, ceil_mode=True)
    x = F.relu(normed(F.conv2d(stage0, t["conv1"]), "norm1"))
    x = F.relu(normed(F.conv2d(x, t["conv2"], stride=2, padding=1, groups=2), "norm2"))
    x = normed(F.conv2d(x, t["conv3"]), "norm3")
    squeezed = F.relu(F.conv2d(F.adaptive_avg_pool2d(x, 1), t["fc1.weight"], t["fc1.bias"]))
    x = x * torch.sigmoid(F.conv2d(squeezed, t["fc2.weight"], t["fc2.bias"]))
    stage1 = F.relu(x + normed(F.conv2d(stage0, t["shortcut"], stride=2), "norm4"))
    embedding = torch.cat([(stage0 * t["mask0"]).flatten(1), (stage1 * t["mask1"]).flatten(1)], 1)
    predicted = t["scale"] * (1 - torch.corrcoef(embedding)) + t["offset"]
    pairs = torch.triu_indices(n, n, 1)
    difference = (t["reliability"] * (predicted - t["target"]).abs())[pairs[0], pairs[1]]
    loss = difference.mean()
    trained = [k for k in arrays if "running" not in k and k not in ("pixels", "target", "reliability")]
    gradients = torch.autograd.grad(loss, [t[k] for k in trained])
    return {
        "arrays": {k: {"shape": s, "range": r} for k, (s, r) in arrays.items()},
        "loss": loss.item(),
        "gradients": {k: g.flatten().tolist() for k, g in zip(trained, gradients)},
    }


with open(os.path.join(HERE, "gradients.json"), "w") as out:
    golden = {"computedBy": f"torch {torch.__version__}, float64", "cases": cases, "block": residual_block()}
    json.dump(golden, out)

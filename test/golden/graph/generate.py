"""Golden values of operators, computed by PyTorch in float64. Run: /usr/bin/python3 test/golden/graph/generate.py"""
import json
import os
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from seeded import between

cases = []


def case(operator, shapes, attributes, compute, ranges=None):
    name = f"{operator}{len(cases)}"
    ranges = ranges or [[-1, 1]] * len(shapes)
    inputs = [torch.from_numpy(between(f"{name}/{k}", s, *r)) for k, (s, r) in enumerate(zip(shapes, ranges))]
    y = compute(*inputs)
    cases.append(
        {
            "name": name,
            "operator": operator,
            "inputs": [{"shape": s, "range": r} for s, r in zip(shapes, ranges)],
            "attributes": attributes,
            "shape": list(y.shape),
            "values": y.flatten().tolist(),
        }
    )


def conv(maps, kernels, stride=1, pad=0, groups=1, bias=True):
    shapes = [maps, kernels] + ([[kernels[0]]] if bias else [])
    run = lambda x, w, b=None: F.conv2d(x, w, b, stride, pad, 1, groups)
    case("conv", shapes, {"stride": stride, "pad": pad, "groups": groups}, run)


conv([2, 3, 5, 6], [4, 3, 3, 3], pad=1)
conv([1, 4, 7, 7], [6, 2, 3, 3], stride=2, pad=1, groups=2, bias=False)
conv([1, 6, 4, 4], [8, 6, 1, 1])
conv([1, 4, 5, 5], [4, 4, 1, 1], stride=2, bias=False)
conv([1, 3, 12, 11], [2, 3, 7, 7], stride=2, pad=3, bias=False)
conv([1, 4, 5, 4], [4, 1, 3, 3], pad=1, groups=4)
case(
    "conv",
    [[1, 2, 4, 5], [3, 2, 2, 2]],
    {"pad": [0, 1, 2, 0]},
    lambda x, w: F.conv2d(F.pad(x, (1, 0, 0, 2)), w),
)
for length in (6, 7, 8):
    for pad, ceil in ((0, True), (1, False), (1, True), (0, False)):
        case(
            "maxPool",
            [[1, 2, length, length]],
            {"kernel": 3, "stride": 2, "pad": pad, "ceil": ceil},
            lambda x, pad=pad, ceil=ceil: F.max_pool2d(x, 3, 2, pad, ceil_mode=ceil),
        )
case(
    "maxPool",
    [[1, 2, 6, 6]],
    {"kernel": 3, "stride": 2, "pad": [0, 0, 1, 1]},
    lambda x: F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=-9), 3, 2),
)
case("maxPool", [[1, 1, 7, 5]], {"kernel": 2, "stride": 3, "ceil": True}, lambda x: F.max_pool2d(x, 2, 3, ceil_mode=True))
case("globalMean", [[2, 3, 4, 5]], {}, lambda x: F.adaptive_avg_pool2d(x, 1))
case("relu", [[3, 4]], {}, F.relu)
case("sigmoid", [[3, 4]], {}, torch.sigmoid, [[-8, 8]])
case("sqrt", [[3, 4]], {}, torch.sqrt, [[0, 4]])
case("square", [[3, 4]], {}, torch.square)
case("power", [[3, 4]], {"exponent": -0.75}, lambda x: x**-0.75, [[0.1, 3]])
case("clip", [[3, 4]], {"least": 0, "most": 0.5}, lambda x: F.hardtanh(x, 0, 0.5))
case("exp", [[3, 4]], {}, torch.exp)
case("negate", [[3, 4]], {}, torch.neg)
case("abs", [[3, 4]], {}, torch.abs)
case("sign", [[3, 4]], {}, torch.sign)
case("gate", [[3, 4], [3, 4]], {}, lambda x, gate: torch.where(gate > 0, x, torch.zeros_like(x)))
case("expand", [[3, 1]], {"shape": [2, 3, 4]}, lambda x: x.expand(2, 3, 4))
case("add", [[2, 3, 4], [3, 1]], {}, torch.add)
case("subtract", [[3, 1], [2, 1, 4]], {}, torch.sub)
case("multiply", [[2, 3, 2, 2], [2, 3, 1, 1]], {}, torch.mul)
case("divide", [[4], [2, 3, 1]], {}, torch.div, [[-1, 1], [0.5, 2]])
case("matMul", [[3, 4], [4, 2]], {}, torch.matmul)
case("matMul", [[2, 3, 2, 4], [2, 3, 4, 3]], {}, torch.matmul)
case("matMul", [[3, 2, 4], [4, 3]], {}, torch.matmul)
case("matMul", [[4, 3], [2, 4]], {"transposeA": True, "transposeB": True}, lambda a, b: a.T @ b.T)
case("matMul", [[2, 3, 4], [2, 5, 4]], {"transposeB": True}, lambda a, b: a @ b.mT)
case("matMul", [[2, 4, 3], [4, 5]], {"transposeA": True}, lambda a, b: a.mT @ b)
case("concat", [[2, 1, 3], [2, 2, 3]], {"axis": 1}, lambda a, b: torch.cat([a, b], 1))
case("reshape", [[2, 3, 4]], {"shape": [0, -1]}, lambda x: x.flatten(1))
case("transpose", [[2, 3, 4]], {"order": [2, 0, 1]}, lambda x: x.permute(2, 0, 1))
case("slice", [[2, 7, 2]], {"axis": 1, "from": 1, "to": 6, "step": 2}, lambda x: x[:, 1:6:2])


def padded(x):
    result = torch.zeros(4, 11, dtype=x.dtype)
    result[1:2, 2:9:3] = x
    return result


case("pad", [[2, 3]], {"low": [1, 0], "high": [0, 2]}, lambda x: F.pad(x, (0, 2, 1, 0)))
case("pad", [[1, 3]], {"low": [1, 2], "high": [2, 2], "interior": [0, 2]}, padded)
case("reduceSum", [[2, 3, 4]], {"axes": [0, 2]}, lambda x: x.sum((0, 2), keepdim=True))
case("reduceSum", [[2, 3, 4]], {"axes": [1], "keep": False}, lambda x: x.sum(1))
case(
    "batchNorm",
    [[2, 3, 2, 2], [3], [3], [3], [3]],
    {"epsilon": 1e-3},
    lambda x, gain, bias, mean, variance: F.batch_norm(x, mean, variance, gain, bias, eps=1e-3),
    [[-1, 1], [0.5, 2], [-1, 1], [-1, 1], [0.5, 2]],
)



def kernel_gradient(maps, out, kernel, stride=1, pad=0, groups=1):
    shape = [out[1], maps[1] // groups, *kernel]

    def compute(x, g):
        w = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
        F.conv2d(x, w, None, stride, pad, 1, groups).backward(g)
        return w.grad

    attributes = {"kernel": kernel, "stride": stride, "pad": pad, "groups": groups}
    case("convKernelGradient", [maps, out], attributes, compute)


def pool_gradient(x, g, stride, pad, ceil):
    x = x.clone().requires_grad_()
    F.max_pool2d(x, 3, stride, pad, ceil_mode=ceil).backward(g)
    return x.grad


kernel_gradient([2, 4, 5, 6], [2, 6, 5, 6], [3, 3], pad=1, groups=2)
kernel_gradient([2, 3, 9, 8], [2, 2, 4, 3], [3, 4], stride=2)
case(
    "convTranspose",
    [[2, 6, 4, 3], [6, 2, 3, 3]],
    {"size": [8, 6], "stride": 2, "pad": 1, "groups": 2},
    lambda x, w: F.conv_transpose2d(x, w, None, 2, 1, 1, 2),
)
case(
    "convTranspose",
    [[1, 3, 4, 5], [3, 2, 3, 2]],
    {"size": [4, 5], "pad": [1, 0, 1, 1]},
    lambda x, w: F.conv_transpose2d(x, w)[:, :, 1:-1, :-1],
)
case(
    "maxPoolGradient",
    [[1, 2, 8, 8], [1, 2, 4, 4]],
    {"kernel": 3, "stride": 2, "ceil": True},
    lambda x, g: pool_gradient(x, g, 2, 0, True),
)

with open(os.path.join(HERE, "expected.json"), "w") as out:
    json.dump({"computedBy": f"torch {torch.__version__}, float64", "cases": cases}, out)

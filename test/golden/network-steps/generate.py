"""Gradients and Adam steps of whole networks through the Pearson distance, by PyTorch's autograd. Run: /usr/bin/python3 test/golden/network-steps/generate.py

Networks, images, mask and RDMs are seeded; of each gradient its norm and its products with seeded vectors are written, of the steps the losses.
"""
import json
import os
import sys

import torch
import torchvision

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from networks import layers, parameters_of, seeded_networks
from seeded import between

N, SIDE, SUBJECTS, STEPS = 4, 64, 3, 10
RATES = {"mask": 3e-3, "readout": 1e-2, "backbone": 1e-4}


def tensor(name, shape, low, high):
    return torch.from_numpy(between(name, shape, low, high))


def embeddings(taps, mask, scale):
    """Masked patterns and means of all channels, concatenated: the resolution `split`."""
    channels = sum(tap.shape[1] for tap in taps)
    weights = mask * scale
    parts, first = [], 0
    for tap in taps:
        mean = tap.mean((2, 3), keepdim=True)
        pattern = weights[first : first + tap.shape[1]].view(1, -1, 1, 1)
        of_mean = weights[channels + first : channels + first + tap.shape[1]].view(1, -1, 1, 1)
        parts.append((pattern * (tap - mean) + of_mean * mean).flatten(1))
        first += tap.shape[1]
    return torch.cat(parts, 1)


def problem(net, kind):
    net = net.double()
    pixels = tensor("pixels", [N, 3, SIDE, SIDE], -2, 2)
    with torch.no_grad():
        channels = sum(tap.shape[1] for tap in layers(net, pixels))
    mask = tensor("mask", [2 * channels], 0.5, 1.5).requires_grad_()
    scale = tensor("scale", [2 * channels], 0.5, 2)
    alpha = torch.tensor([-0.2], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([0.1], dtype=torch.float64, requires_grad=True)
    upper = torch.triu_indices(N, N, 1)
    targets = tensor("targets", [upper.shape[1], SUBJECTS], 0, 1.5)
    weights = tensor("weights", [upper.shape[1]], 0.5, 1.5)

    def loss():
        y = embeddings(layers(net, pixels), mask, scale)
        y = y - y.mean(1, keepdim=True)
        y = y / y.norm(dim=1, keepdim=True)
        prediction = torch.exp(alpha) * (1 - (y @ y.T)[upper[0], upper[1]]) + b
        residuals = prediction[:, None] - targets
        each = residuals.abs() if kind == "l1" else residuals ** 2
        return (weights * each.mean(1)).mean()

    named = parameters_of(net)
    for value in named.values():
        value.requires_grad_()
    return loss, {"mask": mask, "alpha": alpha, "b": b, **named}


def projections(name, gradient):
    """The norm, and products with vectors of values between -1 and 1."""
    flat = gradient.flatten()
    along = [tensor(f"{name}/{k}", list(flat.shape), -1, 1) for k in range(2)]
    return [flat.norm().item(), *[(flat * u).sum().item() for u in along]]


LOSSES = {"se_resnext50_32x4d": "l1", "resnet50": "mse"}
cases = []
for network, net in seeded_networks().items():
    loss, named = problem(net, LOSSES[network])
    value = loss()
    value.backward()
    gradients = {name: [float(f"{x:.7g}") for x in projections(name, value.grad)] for name, value in named.items()}
    readout = [named.pop("alpha"), named.pop("b")]
    optimiser = torch.optim.Adam(
        [
            {"params": [named.pop("mask")], "lr": RATES["mask"]},
            {"params": readout, "lr": RATES["readout"]},
            {"params": list(named.values()), "lr": RATES["backbone"]},
        ]
    )
    losses = []
    for _ in range(STEPS + 1):
        optimiser.zero_grad()
        value = loss()
        value.backward()
        optimiser.step()
        losses.append(value.item())
    cases.append({"network": network, "loss": LOSSES[network], "losses": losses, "gradients": gradients})

with open(os.path.join(HERE, "expected.json"), "w") as out:
    versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}, float64"
    settings = {"n": N, "side": SIDE, "nSubjects": SUBJECTS, "rates": RATES}
    json.dump({"computedBy": versions, **settings, "cases": cases}, out)

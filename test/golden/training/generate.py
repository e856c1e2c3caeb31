#!/usr/bin/env python3
"""Golden values of the encoder and its training, from plain definitions on full features.

torch (float64, autograd and torch.optim.Adam): loss, its gradient, and Adam steps on fixed minibatches.
numpy and scipy: predicted dissimilarities, stage shares, reliability weights, points of Student's t.
"""
import json
import platform

import numpy as np
import scipy
import scipy.special
import scipy.stats
import torch

torch.manual_seed(0)
rng = np.random.default_rng(0)
STAGES = [("early", 3, 2, 2), ("tokens", 4, 1, 1), ("late", 2, 3, 1)]
IMAGES = {"A": 6, "B": 5}
SETS = [("A fmri", "A", 3), ("A meg", "A", 2), ("B fmri", "B", 4)]
N_CHANNELS = sum(c for _, c, _, _ in STAGES)
STAGE_OF_CHANNEL = np.repeat(np.arange(len(STAGES)), [c for _, c, _, _ in STAGES])


def student_975(degrees):
    """Through the incomplete beta function: scipy.stats.t.ppf is only good to 1e-9."""
    x = scipy.special.betaincinv(degrees / 2, 0.5, 0.05)
    return float(np.sqrt(degrees * (1 - x) / x))


def rounded(shape, low=-1.0, high=1.0):
    return np.round(rng.uniform(low, high, shape), 4)


# Mostly positive, as after a rectifier: means are far from zero.
features = {k: [np.maximum(rounded((n, c, h, w), -0.5, 2), 0) for _, c, h, w in STAGES] for k, n in IMAGES.items()}
scale = rounded(N_CHANNELS, 0.3, 2)
alpha, b = rounded(len(SETS), -0.5, 0.5), rounded(len(SETS), -0.3, 0.3)
masks = {"channel": rounded(N_CHANNELS, -1, 2), "stage": rounded(len(STAGES), 0.2, 2)}
pairs_of = {k: [(i, j) for i in range(n) for j in range(i + 1, n)] for k, n in IMAGES.items()}
values = [rounded((len(pairs_of[k]), s), 0, 1.2) for _, k, s in SETS]
weights = [rounded(len(pairs_of[k]), 0.2, 2) for _, k, _ in SETS]
# All pairs of all sets, numbered through; minibatches draw from these.
pair_list = [(s, p) for s, (_, k, _) in enumerate(SETS) for p in range(len(pairs_of[k]))]
order = rng.permutation(len(pair_list))
batches = [order[k : k + 10].tolist() for k in range(0, len(order), 10)]
# Split channels: values of all patterns (deviations from the channel's mean over positions), then of all means.
masks["split"] = rounded(2 * N_CHANNELS, -1, 2)
scales = {"channel": scale, "stage": scale, "split": rounded(2 * N_CHANNELS, 0.3, 2)}
RESOLUTIONS = ("channel", "stage", "split")


def embeddings(mask, resolution):
    """Each image set's masked, scaled, flattened and concatenated features."""
    of_channel = mask[torch.from_numpy(STAGE_OF_CHANNEL)] if resolution == "stage" else mask
    w = of_channel * torch.from_numpy(scales[resolution])
    of_pattern, of_mean = w[:N_CHANNELS], w[-N_CHANNELS:]  # the same values but for split
    out = {}
    for k in IMAGES:
        parts, first = [], 0
        for x in features[k]:
            c = x.shape[1]
            x = torch.from_numpy(x)
            if resolution == "split":
                mean = x.mean((2, 3), keepdim=True)
                part = (x - mean) * of_pattern[first : first + c].reshape(1, c, 1, 1)
                part = part + mean * of_mean[first : first + c].reshape(1, c, 1, 1)
            else:
                part = x * w[first : first + c].reshape(1, c, 1, 1)
            parts.append(part.flatten(1))
            first += c
        out[k] = torch.cat(parts, 1)
    return out


def pearson(x, y):
    x, y = x - x.mean(), y - y.mean()
    return (x * y).sum() / (x.norm() * y.norm())


def loss_of(batch, mask, a, c, resolution, kind):
    e = embeddings(mask, resolution)
    total = 0
    for number in batch:
        s, p = pair_list[number]
        k = SETS[s][1]
        i, j = pairs_of[k][p]
        prediction = torch.exp(a[s]) * (1 - pearson(e[k][i], e[k][j])) + c[s]
        residual = prediction - torch.from_numpy(values[s][p])
        each = residual.abs() if kind == "l1" else residual**2
        total = total + weights[s][p] * each.mean()
    return total / len(batch)


def parameters(resolution):
    return [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (masks[resolution], alpha, b)]


losses, steps = [], []
for resolution in RESOLUTIONS:
    for kind in ("l1", "mse"):
        params = parameters(resolution)
        loss = loss_of(batches[0], *params, resolution, kind)
        loss.backward()
        gradient = dict(zip(("mask", "alpha", "b"), (p.grad.tolist() for p in params)))
        losses.append({"resolution": resolution, "loss": kind, "value": loss.item(), "gradient": gradient})
        params = parameters(resolution)
        rates = (0.05, 0.02, 0.02)
        optimiser = torch.optim.Adam([{"params": [p], "lr": r} for p, r in zip(params, rates)])
        for batch in batches:
            optimiser.zero_grad()
            loss_of(batch, *params, resolution, kind).backward()
            optimiser.step()
        after = dict(zip(("mask", "alpha", "b"), (p.tolist() for p in params)))
        steps.append({"resolution": resolution, "loss": kind, "rates": rates, "after": after})

dissimilarities, shares = {}, {}
for resolution in RESOLUTIONS:
    e = {k: x.numpy() for k, x in embeddings(torch.from_numpy(masks[resolution]), resolution).items()}
    dissimilarities[resolution] = {k: [1 - np.corrcoef(x[i], x[j])[0, 1] for i, j in pairs_of[k]] for k, x in e.items()}
    of_feature = np.repeat(np.arange(len(STAGES)), [c * h * w for _, c, h, w in STAGES])
    squares = np.concatenate([(x - x.mean(1, keepdims=True)) ** 2 for x in e.values()])
    by_stage = np.stack([squares[:, of_feature == s].sum(1) for s in range(len(STAGES))], 1)
    shares[resolution] = (by_stage / squares.sum(1, keepdims=True)).mean(0).tolist()

channel_mask = masks["channel"]
intervals = []
for s in range(len(STAGES)):
    m = channel_mask[STAGE_OF_CHANNEL == s]
    half = student_975(len(m) - 1) * scipy.stats.sem(m)
    intervals.append({"mean": m.mean(), "ci95": [m.mean() - half, m.mean() + half]})

noise = values[0].std(1)
raw = (1 / (noise + 0.25 * noise.mean())) ** 1.0
raw_two = (1 / (noise + 0.5 * noise.mean())) ** 2.0
degrees = [1, 2, 3, 4, 5, 9, 10, 30, 63, 255, 1023, 2047]

json.dump(
    {
        "computedBy": f"numpy {np.__version__}, scipy {scipy.__version__}, torch {torch.__version__}, Python {platform.python_version()}: generate.py",
        "stages": [{"name": n, "channels": c, "height": h, "width": w} for n, c, h, w in STAGES],
        "images": {k: {"features": [x.flatten().tolist() for x in f], "n": IMAGES[k]} for k, f in features.items()},
        "sets": [
            {"name": n, "imageSet": k, "nSubjects": s, "values": values[i].tolist(), "weights": weights[i].tolist()}
            for i, (n, k, s) in enumerate(SETS)
        ],
        "scales": {k: s.tolist() for k, s in scales.items()},
        "masks": {k: m.tolist() for k, m in masks.items()},
        "alpha": alpha.tolist(),
        "b": b.tolist(),
        "batches": batches,
        "losses": losses,
        "adam": steps,
        "dissimilarities": dissimilarities,
        "stageShares": shares,
        "signedMeanMasks": intervals,
        "reliability": [
            {"alpha": 0.25, "beta": 1, "weights": (raw / raw.mean()).tolist()},
            {"alpha": 0.5, "beta": 2, "weights": (raw_two / raw_two.mean()).tolist()},
        ],
        "studentT975": [{"degrees": d, "t": student_975(d)} for d in degrees],
    },
    open("expected.json", "w"),
    indent=1,
)

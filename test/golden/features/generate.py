"""Pair statistics, channel scale and embedding RDMs by their definitions on full features, in float64 with numpy."""
import json
import platform

import numpy as np
import scipy
import scipy.stats

rng = np.random.default_rng(20190)
STAGES = [("early", 3, 4, 5), ("middle", 4, 2, 3), ("tokens", 5, 7, 1), ("late", 6, 1, 1)]
N = 7
TRAINING = [0, 2, 3, 6]

features = []
for _, c, h, w in STAGES:
    gain = rng.uniform(0.01, 30, size=(1, c, 1, 1))
    x = np.maximum(rng.normal(0.3, 1, size=(N, c, h, w)), 0) * gain
    features.append(np.round(x, 3).astype(np.float32))
features[1][:, 2] = 0  # a channel that never responds
# A large common offset: what float32 sums without centring lose.
offset = [f + np.float32(500) for f in features]


def statistics(features):
    pairs = np.triu_indices(N, 1)
    products, energies, sums = [], [], []
    for f in features:
        x = f.astype(np.float64).reshape(N, f.shape[1], -1)
        centred = x - x.mean(2, keepdims=True)
        p = np.einsum("icp,jcp->ijc", centred, centred)
        products.append(p[pairs])
        energies.append((x * x).sum(2))
        sums.append(x.sum(2))
    return [np.concatenate(part, axis=1) for part in (products, energies, sums)]


def embedding(features, weights):
    columns, at = [], 0
    for f in features:
        c = f.shape[1]
        columns.append((f.astype(np.float64) * weights[at : at + c].reshape(1, c, 1, 1)).reshape(N, -1))
        at += c
    x = np.concatenate(columns, axis=1)
    return (1 - np.corrcoef(x))[np.triu_indices(N, 1)]


products, energies, sums = statistics(features)
e = energies[TRAINING].sum(0)
scale = 1 / np.sqrt(e / e.mean() + 1e-3)
mask = rng.normal(1, 0.7, size=energies.shape[1])

stage_of_feature = np.repeat(np.arange(len(STAGES)), [c * h * w for _, c, h, w in STAGES])
channel_scale = np.concatenate([np.repeat(s, h * w) for (_, c, h, w), s in
                                zip(STAGES, np.split(scale, np.cumsum([c for _, c, _, _ in STAGES])[:-1]))])
flat = np.concatenate([f.astype(np.float64).reshape(N, -1) for f in features], axis=1)
feature_mask = rng.normal(1, 0.7, size=flat.shape[1])
masked = flat * (feature_mask * channel_scale)


def stage_shares(x):
    """Parts of np.var of each image's embedding that lie in each stage, mean over images."""
    parts = [((x - x.mean(1, keepdims=True)) ** 2)[:, stage_of_feature == s].mean(1) * (stage_of_feature == s).mean()
             for s in range(len(STAGES))]
    return (np.stack(parts, 1) / x.var(1)[:, None]).mean(0).tolist()


def signed_mean(values):
    if len(values) == 1:
        return {"mean": values[0], "ci95": None}
    low, high = scipy.stats.t.interval(0.95, len(values) - 1, values.mean(), scipy.stats.sem(values))
    return {"mean": values.mean(), "ci95": [low, high]}


out = {
    "by": f"numpy {np.__version__}, scipy {scipy.__version__}, Python {platform.python_version()}, float64",
    "stages": [{"name": n, "channels": c, "height": h, "width": w} for n, c, h, w in STAGES],
    "nImages": N,
    "features": [[float(v) for v in f.ravel()] for f in features],
    "offset": 500,
    "products": products.ravel().tolist(),
    "energies": energies.ravel().tolist(),
    "sums": sums.ravel().tolist(),
    "trainingImages": TRAINING,
    "scale": scale.tolist(),
    "mask": mask.tolist(),
    "rdm": embedding(features, mask * scale).tolist(),
    "rdmUnweighted": embedding(features, np.ones(len(mask))).tolist(),
    "rdmOffset": embedding(offset, np.abs(mask)).tolist(),
    "featureMask": feature_mask.tolist(),
    "rdmFeature": (1 - np.corrcoef(masked))[np.triu_indices(N, 1)].tolist(),
    "sharesFeature": stage_shares(masked),
    "signedMeansFeature": [signed_mean(feature_mask[stage_of_feature == s]) for s in range(len(STAGES))],
}
with open("expected.json", "w") as file:
    json.dump(out, file)

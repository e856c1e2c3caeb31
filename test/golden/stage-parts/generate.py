#!/usr/bin/env python3
"""What each stage adds to a predicted dissimilarity, by its definition on full features, in float64 with numpy:
half the squared distance of the stage's part of two standardised embeddings. Features and masks are those of ../training and ../features."""
import json
import platform

import numpy as np


def read(name):
    with open(f"../{name}/expected.json") as file:
        return json.load(file)


def standardised(embeddings):
    """Each row less its mean, of length 1."""
    centred = embeddings - embeddings.mean(1, keepdims=True)
    return centred / np.linalg.norm(centred, axis=1, keepdims=True)


def parts(embeddings, sizes):
    """nStages x nPairs, and a check: the sum over stages is 1 - numpy.corrcoef."""
    z = standardised(embeddings)
    i, j = np.triu_indices(len(z), 1)
    stages = np.split((z[i] - z[j]) ** 2 / 2, np.cumsum(sizes)[:-1], axis=1)
    found = np.stack([stage.sum(1) for stage in stages])
    assert np.allclose(found.sum(0), (1 - np.corrcoef(embeddings))[i, j], atol=1e-13)
    return found.tolist()


training = read("training")
SHAPES = [(s["channels"], s["height"], s["width"]) for s in training["stages"]]
SIZES = [c * h * w for c, h, w in SHAPES]


def embedding(image_set, resolution):
    of_channel = np.array(training["masks"][resolution])
    if resolution == "stage":
        of_channel = np.repeat(of_channel, [c for c, _, _ in SHAPES])
    weights = of_channel * np.array(training["scales"][resolution])
    n_channels = sum(c for c, _, _ in SHAPES)
    of_pattern, of_mean = weights[:n_channels], weights[-n_channels:]  # the same values but for split
    columns, first = [], 0
    images = training["images"][image_set]
    for values, (c, h, w) in zip(images["features"], SHAPES):
        x = np.array(values).reshape(images["n"], c, h * w)
        mean = x.mean(2, keepdims=True)
        p, q = (part[first:first + c].reshape(1, c, 1) for part in (of_pattern, of_mean))
        columns.append(((x - mean) * p + mean * q).reshape(images["n"], -1))
        first += c
    return np.concatenate(columns, axis=1)


features = read("features")
flat = np.concatenate([np.array(f).reshape(features["nImages"], -1) for f in features["features"]], axis=1)
sizes = [s["channels"] * s["height"] * s["width"] for s in features["stages"]]
repeats = np.concatenate([[s["height"] * s["width"]] * s["channels"] for s in features["stages"]])
of_feature = np.array(features["featureMask"]) * np.repeat(features["scale"], repeats)

with open("expected.json", "w") as file:
    json.dump(
        {
            "by": f"numpy {np.__version__}, Python {platform.python_version()}, float64",
            "byResolution": {
                resolution: {k: parts(embedding(k, resolution), SIZES) for k in training["images"]}
                for resolution in training["masks"]
            },
            "feature": parts(flat * of_feature, sizes),
        },
        file,
    )

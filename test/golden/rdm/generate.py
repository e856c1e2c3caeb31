"""Golden values of distances, ranks, correlations, scores and noise ceilings. Usage: generate.py RSATOOLBOX.json > expected.json

The argument holds what rsatoolbox (commit f1f83cadb724) computed on seeded arrays; what is needed of it is copied.
"""
import json
import sys
import warnings

import numpy as np
import scipy
from scipy.spatial.distance import pdist
from scipy.stats import kendalltau, pearsonr, rankdata, spearmanr

warnings.simplefilter("ignore")
rng = np.random.default_rng(2019)


def plain(x):
    """JSON has no NaN: null stands for it."""
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, np.ndarray):
        return plain(x.tolist())
    if isinstance(x, np.integer):
        return int(x)
    if isinstance(x, (float, np.floating)):
        return None if np.isnan(x) else float(x)
    return x


METRICS = ["correlation", "euclidean", "sqeuclidean", "cosine", "cityblock"]


def distances():
    normal = rng.normal(size=(7, 11))
    close = rng.normal(size=(6, 20))
    close[3] = close[0]
    close[4] = close[1] + 1e-7 * rng.normal(size=20)
    constant = rng.normal(size=(5, 6))
    constant[2] = 0.1
    zero = rng.normal(size=(5, 6))
    zero[1] = 0
    cases = {
        "normal": normal,
        "large common offset": 1000 + rng.normal(size=(6, 9)),
        "rows of very different length": rng.normal(size=(6, 9)) * 10.0 ** np.arange(-3, 3)[:, None],
        "near duplicates": close,
        "positive with many zeros": np.maximum(0, rng.normal(size=(8, 15))),
        "a constant row": constant,
        "a row of zeros": zero,
        "two rows": rng.normal(size=(2, 3)),
        "one row": rng.normal(size=(1, 3)),
        "more rows than columns": rng.normal(size=(12, 2)),
    }
    result = []
    for name, rows in cases.items():
        expected = {m: pdist(rows, m) if len(rows) > 1 else np.array([]) for m in METRICS}
        if name == "a constant row":  # the rounding of scipy's mean of six times 0.1 is not what is wanted
            ok = [i for i in range(5) if i != 2]
            square = np.full((5, 5), np.nan)
            square[np.ix_(ok, ok)] = scipy.spatial.distance.squareform(pdist(rows[ok], "correlation"))
            expected["correlation"] = square[np.triu_indices(5, 1)]
        result.append({"name": name, "rows": rows, "expected": expected})
    return result


def ranks():
    cases = {
        "empty": [],
        "one value": [3.5],
        "no ties": rng.normal(size=20),
        "many ties": rng.integers(0, 4, size=30).astype(float),
        "all the same": [2.0] * 5,
        "zeros of both signs": [0.0, -0.0, 1.0, -1.0],
        # One kind at a time: rankdata takes the sum of both for NaN.
        "infinities": [float("inf"), 1.0, float("inf"), 0.0],
        "minus infinity": [1.0, float("-inf"), 0.0],
    }
    return [
        {"name": n, "values": [str(v) for v in np.asarray(x, float)], "expected": rankdata(x)} for n, x in cases.items()
    ]


def correlations():
    a, b = rng.normal(size=(2, 40))
    ti, tj = rng.integers(0, 5, size=(2, 40)).astype(float)
    with_nan = a.copy()
    with_nan[7] = np.nan
    cases = {
        "no ties": (a, a + b),
        "ties in both": (ti, ti + tj),
        "ties in one": (a, ti),
        "opposite": (a, -(a**3)),
        "large offset": (1e6 + a, 1e6 + a + b),
        "very large and very small": (1e200 * a, 1e-200 * (a + b)),
        "NaN": (with_nan, b),
        "constant": (np.full(40, 0.1), b),
        "three values": (a[:3], b[:3]),
        "two values": (np.array([1.0, 2.0]), np.array([5.0, 3.0])),
    }
    result = []
    for name, (x, y) in cases.items():
        # scipy's pearsonr overflows at 1e200, its correlation does not depend on scale.
        scaled = (x / 1e200, y * 1e200) if name.startswith("very") else (x, y)
        rho = np.nan if name in ("NaN", "constant") else spearmanr(x, y)[0]
        r = np.nan if name in ("NaN", "constant") else pearsonr(*scaled)[0]
        tau = np.nan if name in ("NaN", "constant") else kendalltau(x, y)[0]
        result.append({"name": name, "a": x, "b": y, "spearman": rho, "pearson": r, "tau-b": tau})
    return result


def challenge():
    """15-subject scoring in miniature: 5 subjects x 3 times x 28 pairs, time axis of one for fMRI."""
    shared = rng.normal(size=28)
    stack = np.round(shared + rng.normal(size=(5, 3, 28)), 1)  # rounded: ties
    model = np.round(shared + 2 * rng.normal(size=28), 1)

    def rhos(subject_model):
        return np.array([np.mean([spearmanr(subject_model(s, t), stack[s, t])[0] for t in range(3)]) for s in range(5)])

    def both(values):
        return {"rho": np.mean(values), "r2": np.mean(values**2)}

    others = lambda s: [q for q in range(5) if q != s]
    score = rhos(lambda s, t: model)
    return {
        "nSubjects": 5,
        "nTimes": 3,
        "stack": stack,
        "model": model,
        "rhoBySubject": score,
        **both(score),
        "rhoStandardError": np.std(score, ddof=1) / np.sqrt(5),
        "ceiling": {
            "lower": both(rhos(lambda s, t: stack[others(s), t].mean(0))),
            "upper": both(rhos(lambda s, t: stack[:, t].mean(0))),
        },
    }


def signs(x, y):
    """Agreements less disagreements, two values by two."""
    i, j = np.triu_indices(len(x), 1)
    return np.sum(np.sign(x[i] - x[j]) * np.sign(y[i] - y[j])), len(i)


def whitened_cosine(x, y, rows):
    """rows: the two conditions of each pair; V = (C C')^2 with C their contrasts."""
    contrasts = np.zeros((len(x), rows.max() + 1))
    contrasts[np.arange(len(x)), rows[:, 0]] = 1
    contrasts[np.arange(len(x)), rows[:, 1]] = -1
    inverse = np.linalg.inv((contrasts @ contrasts.T) ** 2)
    return x @ inverse @ y / np.sqrt((x @ inverse @ x) * (y @ inverse @ y))


def samples():
    """RDMs of conditions drawn with replacement, written out, without pairs of a condition with its copy."""
    result = []
    n = 9
    for name, counts, ties in [
        ("each once", np.ones(n, int), False),
        ("copies", np.bincount(rng.integers(0, n, n), minlength=n), False),
        ("copies and ties", np.bincount(rng.integers(0, n, n), minlength=n), True),
        ("one left out", np.where(np.arange(n) == 4, 0, 1), True),
    ]:
        a = rng.normal(size=36) + 1
        b = a + rng.normal(size=36)
        if ties:
            a, b = np.round(a), np.round(b)
        drawn = np.repeat(np.arange(n), counts)
        i, j = np.triu_indices(len(drawn), 1)
        keep = drawn[i] != drawn[j]
        rows = np.stack([i, j], 1)[keep]
        square = lambda v: scipy.spatial.distance.squareform(v)[np.ix_(drawn, drawn)][i, j][keep]
        x, y = square(a), square(b)
        m = len(x)
        surplus, twos = signs(x, y)
        ranks = [rankdata(v) - (m + 1) / 2 for v in (x, y)]
        result.append(
            {
                "name": name,
                "counts": counts,
                "a": a,
                "b": b,
                "expected": {
                    "spearman": spearmanr(x, y)[0],
                    "pearson": pearsonr(x, y)[0],
                    "tau-a": surplus / twos,
                    "tau-b": kendalltau(x, y)[0],
                    "rho-a": 12 * np.dot(*ranks) / (m**3 - m),
                    "cosine": 1 - scipy.spatial.distance.cosine(x, y),
                    "whitened-correlation": whitened_cosine(x - x.mean(), y - y.mean(), rows),
                    "whitened-cosine": whitened_cosine(x, y, rows),
                },
            }
        )
    return result


golden = json.load(open(sys.argv[1]))
NAMES = {
    "spearman": "spearman",
    "corr": "pearson",
    "tau-a": "tau-a",
    "kendall": "tau-b",
    "rho-a": "rho-a",
    "cosine": "cosine",
    "corr_cov": "whitened-correlation",
    "cosine_cov": "whitened-cosine",
}
expected = {
    "oracle": f"scipy {scipy.__version__}, numpy {np.__version__}; rsatoolbox: {golden['oracle']}",
    "distances": distances(),
    "ranks": ranks(),
    "correlations": correlations(),
    "challenge": challenge(),
    "samples": samples(),
    "rsatoolbox": {
        "a": golden["a"],
        "b": golden["b"],
        "compare": {NAMES[name]: values for name, values in golden["compare"].items()},
        "measurements": golden["measurements"],
        "distances": golden["distances"],
        "subjects": golden["subjects"],
        "ceiling": {NAMES[name]: values for name, values in golden["ceiling"].items()},
        "repeats": golden["repeats"],
    },
}
json.dump(plain(expected), sys.stdout)

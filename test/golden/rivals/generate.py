"""Golden values of least squares, ridge regression and feature reweighting. Usage: generate.py > expected.json"""
import json
import sys

import numpy as np
import scipy
from scipy.optimize import nnls

rng = np.random.default_rng(2022)


def least_squares():
    """Non-negative least squares by scipy."""

    def case(name, a, b):
        weights, _ = nnls(a, b)
        return {"name": name, "columns": a.T, "target": b, "weights": weights}

    a = rng.normal(size=(30, 5))
    alike = np.abs(rng.normal(size=(40, 1))) + 0.05 * rng.normal(size=(40, 8))
    return [
        case("all weights above 0", np.abs(a), np.abs(a) @ np.array([1.0, 2.0, 0.5, 3.0, 1.0])),
        case("some at 0", a, a @ np.array([1.0, -2.0, 0.5, -3.0, 1.0]) + rng.normal(size=30)),
        case("none above 0", np.abs(a), -np.abs(a) @ np.ones(5)),
        case("columns that are much alike", alike, alike[:, 2] - 0.5 * alike[:, 5] + 0.05 * rng.normal(size=40)),
        case("columns of very different size", a * 10.0 ** np.arange(-4, 6, 2), a @ np.array([1.0, 1, -1, 1, 1])),
        case("a column of zeros", np.column_stack([a[:, :2], np.zeros(30)]), a[:, 0] - a[:, 1]),
        case("a single column", a[:, :1], a[:, 0] * 2 + 1),
    ]


def standardise(sets):
    """Columns less their mean in their set over their pooled deviation, targets standardised in their set."""
    xs = [x - x.mean(0) for x, _ in sets]
    deviation = np.sqrt(np.mean(np.vstack(xs) ** 2, axis=0))
    inverse = np.where(deviation > 1e-9, 1 / np.where(deviation > 1e-9, deviation, 1), 0)
    return np.vstack(xs) * inverse, np.concatenate([(y - y.mean()) / y.std() for _, y in sets]), inverse


def ridge_weights(sets, penalty):
    z, y, inverse = standardise(sets)
    v = np.linalg.solve(z.T @ z + penalty * len(z) * np.eye(z.shape[1]), z.T @ y)
    return v * inverse


def ridge():
    def case(name, sets, penalties):
        return {
            "name": name,
            "sets": [{"rows": x, "targets": y} for x, y in sets],
            "penalties": penalties,
            "weights": [ridge_weights(sets, penalty) for penalty in penalties],
            "offsets": [[x.mean(0) @ ridge_weights(sets, penalty) for x, _ in sets] for penalty in penalties],
        }

    def correlated(rows, columns):
        """Columns whose products have eigenvalues over six decades."""
        return rng.normal(size=(rows, columns)) * 10.0 ** -np.linspace(0, 3, columns) @ np.linalg.qr(
            rng.normal(size=(columns, columns))
        )[0]

    x1, x2 = correlated(24, 11), 5 + correlated(16, 11)
    x1[:, 4] = 0.5
    x2[:, 4] = -2
    wide = correlated(10, 17)
    return [
        case("one set", [(correlated(30, 12), rng.normal(size=30))], [1e-5, 1e-3, 0.1, 10.0]),
        case(
            "two sets of different units, a column that is constant in each",
            [(x1, x1[:, 0] + rng.normal(size=24)), (x2, 100 * (x2[:, 0] + rng.normal(size=16)) + 1000)],
            [1e-4, 0.01, 1.0],
        ),
        case("more columns than rows", [(wide, wide[:, 1] + 0.1 * rng.normal(size=10))], [1e-4, 0.1, 100.0]),
    ]


STAGES = [{"name": "a", "channels": 5, "height": 2, "width": 2}, {"name": "b", "channels": 4, "height": 1, "width": 1}]


def predictors(features):
    """Products of standardised activations, summed over positions: one column a channel."""
    flat = np.column_stack([stage.reshape(len(stage), -1) for stage in features])
    z = (flat - flat.mean(1, keepdims=True)) / flat.std(1, keepdims=True) / np.sqrt(flat.shape[1])
    i, j = np.triu_indices(len(flat), 1)
    products, columns, at = z[i] * z[j], [], 0
    for s in STAGES:
        size = s["height"] * s["width"]
        for _ in range(s["channels"]):
            columns.append(products[:, at : at + size].sum(1))
            at += size
    x = np.column_stack(columns)
    assert np.allclose(x.sum(1), np.corrcoef(flat)[i, j])
    return x


def reweighting():
    """Feature reweighting of two data sets of the same images and one of others; folds of images."""

    def images(n):
        return [
            np.float32(np.maximum(0, rng.normal(size=(n, s["channels"], s["height"], s["width"])))) for s in STAGES
        ]

    n, m, n_test = 12, 10, 5
    first, second, test = images(n), images(m), images(n_test)
    x, x2, x_test = (predictors([stage.astype(float) for stage in each]) for each in (first, second, test))
    truth = np.array([3.0, 0, 0, 1, 0, 0, 2, 0, 0])
    targets = [1 - x @ truth + 0.2 * rng.normal(size=len(x)), 50 - 20 * x @ truth + 3 * rng.normal(size=len(x))]
    targets.append(1 - x2 @ truth + 0.2 * rng.normal(size=len(x2)))
    folds = [[[0, 3, 7, 9], [1, 2, 8], [4, 6, 10, 11]]] * 2 + [[[0, 1, 2], [3, 4, 5], [6, 7, 9]]]
    designs, sizes = [x, x, x2], [n, n, m]

    def pairs(rows, size):
        i, j = np.triu_indices(size, 1)
        return np.isin(i, rows) & np.isin(j, rows)

    penalties = 10.0 ** np.arange(-1, 3.1, 0.5)
    errors = np.zeros(len(penalties))
    for fold in range(3):
        rest = [sum((f for k, f in enumerate(each) if k != fold), []) for each in folds]
        learnt = [pairs(rows, size) for rows, size in zip(rest, sizes)]
        sets = [(d[p], t[p]) for d, t, p in zip(designs, targets, learnt)]
        for k, penalty in enumerate(penalties):
            w = ridge_weights(sets, penalty)
            for d, t, (xs, ys), each, size in zip(designs, targets, sets, folds, sizes):
                out = pairs(each[fold], size)
                errors[k] += np.sum(((t[out] - ys.mean()) / ys.std() - (d[out] - xs.mean(0)) @ w) ** 2)
    best = penalties[np.argmin(errors)]
    assert 0 < np.argmin(errors) < len(penalties) - 1
    everything = [pairs(sum(each, []), size) for each, size in zip(folds, sizes)]
    sets = [(d[p], t[p]) for d, t, p in zip(designs, targets, everything)]
    w = ridge_weights(sets, best)
    predicted = np.mean([ys.mean() + ys.std() * (x_test - xs.mean(0)) @ w for xs, ys in sets], axis=0)
    flat = lambda stages: [[stage[k].ravel() for stage in stages] for k in range(len(stages[0]))]
    return {
        "stages": STAGES,
        "images": [flat(first), flat(second), flat(test)],
        "predictors": x,
        "targets": targets,
        "folds": folds,
        "errors": errors,
        "penalty": best,
        "weights": w,
        "predicted": predicted,
    }


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, np.ndarray):
        return plain(x.tolist())
    return float(x) if isinstance(x, np.floating) else x


versions = f"numpy {np.__version__}, scipy {scipy.__version__}, Python {sys.version.split()[0]}: generate.py"
json.dump(
    plain({"computedBy": versions, "leastSquares": least_squares(), "ridge": ridge(), "reweighting": reweighting()}),
    sys.stdout,
    indent=None,
)

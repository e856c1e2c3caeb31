"""Golden values of eigenvectors, classical and metric scaling, and Procrustes. Usage: generate.py > expected.json"""
import json

import numpy as np
import scipy
from scipy.optimize import minimize
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist, squareform

rng = np.random.default_rng(1964)


def eigen():
    cases = {}
    for name, matrix in {
        "random": rng.normal(size=(9, 9)),
        "near-singular": np.outer(*[np.arange(1.0, 7.0)] * 2) + 1e-6 * rng.normal(size=(6, 6)),
        "widely spread": np.diag(10.0 ** np.arange(-6, 7, 2)) + rng.normal(size=(7, 7)) * 1e-3,
    }.items():
        matrix = (matrix + matrix.T) / 2
        values, vectors = np.linalg.eigh(matrix)
        values, vectors = values[::-1], vectors.T[::-1]
        vectors = [v * np.sign(v[np.argmax(np.abs(v))]) for v in vectors]
        cases[name] = {"matrix": matrix.ravel().tolist(), "values": values.tolist(), "vectors": np.ravel(vectors).tolist()}
    return cases


def classical(values):
    square = squareform(values) ** 2
    n = len(square)
    centre = np.eye(n) - 1 / n
    lengths, vectors = np.linalg.eigh(-0.5 * centre @ square @ centre)
    axes = [v * np.sign(v[np.argmax(np.abs(v))]) * np.sqrt(max(0, l)) for l, v in zip(lengths[::-1][:2], vectors.T[::-1][:2])]
    return np.stack(axes, axis=1)


def scaling():
    """scipy's minimiser on the raw stress, from the classical solution: another way to the same minimum."""
    cases = {}
    for name, values in {
        "euclidean": pdist(rng.normal(size=(8, 2))),
        "correlation": pdist(rng.normal(size=(12, 20)), "correlation"),
        "not metric": rng.uniform(0.1, 2, size=45),
    }.items():
        start = classical(values)
        stress = lambda x: np.sum((pdist(x.reshape(-1, 2)) - values) ** 2)
        best = minimize(stress, start.ravel(), method="BFGS", options={"gtol": 1e-10, "maxiter": 5000})
        distances = pdist(best.x.reshape(-1, 2))
        cases[name] = {
            "values": values.tolist(),
            "classical": start.ravel().tolist(),
            "stress": float(np.sqrt(np.sum((distances - values) ** 2) / np.sum(distances**2))),
            "distances": distances.tolist(),
        }
    return cases


def aligned():
    cases = {}
    reference = rng.normal(size=(7, 2))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    for name, moving in {
        "turned": 3 * reference @ turn + [4, -1] + 0.1 * rng.normal(size=(7, 2)),
        "mirrored": reference @ np.diag([1, -1]) @ turn - 2 + 0.1 * rng.normal(size=(7, 2)),
        "unrelated": rng.normal(size=(7, 2)),
    }.items():
        standard, onto, disparity = procrustes(reference, moving)
        cases[name] = {
            "reference": standard.ravel().tolist(),
            "moving": moving.ravel().tolist(),
            "aligned": onto.ravel().tolist(),
            "disparity": disparity,
        }
    return cases


print(json.dumps({"by": f"numpy {np.__version__}, scipy {scipy.__version__}", "eigen": eigen(), "scaling": scaling(), "procrustes": aligned()}))

"""Golden values of shrunk noise precisions, from the definition by loops. Usage: generate.py > expected.json (numpy)"""
import json
import sys

import numpy as np

rng = np.random.default_rng(2005)


def case(n, d, means):
    x = rng.normal(size=(n, d)) @ rng.normal(size=(d, d))
    x -= x.mean(0)
    degrees = n - means
    s = x.T @ x / degrees
    z = x / np.sqrt(np.diag(s))
    variance, square = 0.0, 0.0
    for i in range(d):
        for j in range(d):
            if i != j:
                w = z[:, i] * z[:, j]
                variance += n / (n - 1) ** 3 * np.sum((w - w.mean()) ** 2)
                square += (s[i, j] / np.sqrt(s[i, i] * s[j, j])) ** 2
    shrinkage = min(1.0, max(0.0, variance / square))
    shrunk = s * (np.eye(d) + (1 - shrinkage) * (1 - np.eye(d)))
    return {
        "n": n,
        "d": d,
        "degrees": degrees,
        "residuals": x.tolist(),
        "shrinkage": shrinkage,
        "precision": np.linalg.inv(shrunk).tolist(),
    }


cases = [case(30, 4, 1), case(8, 5, 3), case(4, 7, 1)]
json.dump({"oracle": f"numpy {np.__version__}", "cases": cases}, sys.stdout)
print()

"""Golden values of the score sheet's floor and of its test of shared signal. Usage: generate.py > expected.json (numpy, scipy)"""
import json
import sys

import numpy as np
import scipy
from scipy.stats import spearmanr

rng = np.random.default_rng(2019)
N, S, T, MODELS, ROUNDS = 6, 4, 2, 2, 20
UPPER = np.triu_indices(N, 1)


def square(values):
    full = np.zeros((N, N))
    full[UPPER] = values
    return full + full.T


def relabelled(values, permutation):
    return square(values)[np.ix_(permutation, permutation)][UPPER]


def rho(a, b):
    return spearmanr(a, b).statistic


def percentile95(values):
    return float(np.quantile(values, 0.95, method="inverted_cdf"))


pairs = len(UPPER[0])
# Whole numbers, so that there are ties.
models = rng.integers(0, 9, (MODELS, pairs)).astype(float)
shared = rng.normal(size=pairs)
subjects = np.round(10 + 2 * shared + rng.normal(size=(S, T, pairs)) * 2)
permutations = [rng.permutation(N) for _ in range(ROUNDS)]
shuffles = [[rng.permutation(N) for _ in range(S)] for _ in range(ROUNDS)]


def by_subject(model):
    return np.array([np.mean([rho(model, subjects[s, t]) for t in range(T)]) for s in range(S)])


def ceilings(stack):
    lower = [np.mean([rho(stack[s, t], np.delete(stack[:, t], s, 0).mean(0)) for t in range(T)]) for s in range(S)]
    upper = [np.mean([rho(stack[s, t], stack[:, t].mean(0)) for t in range(T)]) for s in range(S)]
    return {"lower": float(np.mean(lower)), "upperR2": float(np.mean(np.square(upper)))}


permuted = [[by_subject(relabelled(model, p)) for p in permutations] for model in models]
ceiling = ceilings(subjects)["upperR2"]
floors = []
for model, rounds in zip(models, permuted):
    r2 = np.mean(np.square(rounds), axis=1)
    official = float(np.mean(np.square(by_subject(model))))
    floors.append(
        {
            "r2": official,
            "percentOfCeiling": 100 * official / ceiling,
            "floor": {
                "r2": {"mean": float(r2.mean()), "percentile95": percentile95(r2)},
                "percent": {"mean": 100 * float(r2.mean()) / ceiling, "percentile95": 100 * percentile95(r2) / ceiling},
            },
        }
    )

json.dump(
    {
        "oracle": f"numpy {np.__version__}, scipy {scipy.__version__}",
        "nSubjects": S,
        "nTimes": T,
        "models": models.tolist(),
        "subjects": subjects.tolist(),
        "permutations": [p.tolist() for p in permutations],
        "permuted": np.array(permuted).transpose(1, 0, 2).tolist(),
        "ceiling": ceiling,
        "official": floors,
        "shuffles": [[p.tolist() for p in shuffle] for shuffle in shuffles],
        "shuffled": [
            ceilings(np.array([[relabelled(subjects[s, t], p) for t in range(T)] for s, p in enumerate(shuffle)]))
            for shuffle in shuffles
        ],
    },
    sys.stdout,
    indent=None,
)
print()

"""Golden values of Student's distribution, adjusted p values and variances. Usage: generate.py > expected.json (scipy 1.11 or later)"""
import json
import sys

import numpy as np
import scipy
from scipy.stats import false_discovery_control, t

rng = np.random.default_rng(2023)


def variances():
    """The estimators of src/inference/variance.ts, written over whole arrays: n stimuli, s subjects, the last of three rows the ceiling."""
    n, s, samples, rows = 6, 5, 9, 3
    full = rng.normal(size=(rows, s)) * 0.1 + 0.3
    main, pairs = rng.normal(size=(rows, 1)) * 0.05, rng.normal(size=(rows, s)) * 0.02
    boot = full + rng.normal(size=(samples, 1, 1)) * main + rng.normal(size=(samples, rows, s)) * pairs
    jack = full + (rng.normal(size=(n, 1, 1)) * main + rng.normal(size=(n, rows, s)) * pairs) / n
    counts = rng.multinomial(s, np.ones(s) / s, size=samples)
    own = full[2]
    without = own.mean() - 1.4 * (own - own.mean()) / (s - 1) + rng.normal(size=s) * 0.001
    influence = np.sum((own - own.mean()) * (s - 1) * (own.mean() - without)) / np.sum((own - own.mean()) ** 2)
    assert 1 < influence < 2

    def once(b, j):
        return max(2 * j - b, j / 2)

    cases = []
    for plus, minus in [(0, None), (0, 1), (1, 2), (2, None)]:
        weights = np.zeros(rows)
        weights[plus] += 1
        if minus is not None:
            weights[minus] -= 1
        weighted = weights * np.array([1, 1, influence])
        left_out = np.stack([(full[r].sum() - full[r]) / (s - 1) for r in (0, 1)] + [without])
        subjects = (s - 1) * np.var(weights @ left_out)
        of = lambda scores, w=weights: np.einsum("r,brs->bs", w, scores)
        b, j = of(boot).mean(1), of(jack).mean(1)
        stimuli = once(np.var(b, ddof=1) * n / (n - 1), (n - 1) * np.var(j))
        answers = [of(x, weighted) - weighted @ full for x in (boot, jack)]
        spread = [np.var(a - a.mean(0), axis=1, ddof=1).mean() / s for a in answers]
        interaction = once(spread[0] * n / (n - 1), spread[1] * (n - 1))
        rest = max(0, subjects - interaction)
        both = stimuli + rest
        drawn = [counts @ (weights @ full) / s, b, np.einsum("bs,bs->b", of(boot), counts) / s]
        vs, vt, vb = [np.var(x, ddof=1) for x in drawn]
        cases.append(
            {
                "plus": plus,
                "minus": minus,
                "subjects": {"variance": subjects, "degrees": s - 1},
                "stimuli": {"variance": stimuli, "degrees": n - 1},
                "both": {"variance": both, "degrees": both**2 / (rest**2 / (s - 1) + stimuli**2 / (n - 1))},
                "bootstrap": {
                    "subjects": vs,
                    "stimuli": vt,
                    "both": vb,
                    "dual": min(max(2 * (vs + vt) - vb, vs, vt), vb),
                },
            }
        )
    return {"full": full.tolist(), "bootstrap": boot.tolist(), "jackknife": jack.tolist(), "counts": counts.tolist(),
            "ceilingWithout": without.tolist(), "influence": influence, "cases": cases}


p = [rng.uniform(size=k).tolist() for k in (1, 2, 7)] + [[0.01, 0.01, 0.04, 1.0, 0.04], [0.0, 0.5, 1.0]]
json.dump(
    {
        "oracle": f"scipy {scipy.__version__}, numpy {np.__version__}",
        "tails": [
            {"t": x, "degrees": d, "tail": t.sf(x, d)}
            for d in (0.7, 1, 2.5, 7, 31.25, 200)
            for x in (-3.0, -0.2, 0.0, 0.5, 2.1, 6.0)
        ],
        "points": [{"degrees": d, "point": t.ppf(0.975, d)} for d in (0.7, 1, 2.5, 14, 117.3)],
        "adjusted": [{"p": x, "fdr": false_discovery_control(x).tolist()} for x in p],
        "variances": variances(),
    },
    sys.stdout,
)

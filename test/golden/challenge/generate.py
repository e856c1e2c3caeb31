"""Scores and noise ceilings of the 2019 challenge's data by scipy. Usage: HYPERCOLUMN_DATA=DIR generate.py > expected.json"""
import json
import os
import sys

import h5py
import numpy as np
import scipy
import scipy.io
from scipy.stats import spearmanr

DATA = os.path.join(os.environ["HYPERCOLUMN_DATA"], "data", "algonauts2019")


def upper(square):
    return square[np.triu_indices(len(square), 1)]


def fmri(name):
    with h5py.File(os.path.join(DATA, name, "target_fmri.mat")) as f:
        return {v: f[v][:].T for v in ("EVC_RDMs", "IT_RDMs")}


def meg(name):
    return {w: np.load(os.path.join(DATA, name, f"meg_{w}_tavg.npy")) for w in ("early", "late")}


def both(values):
    return {"rho": float(np.mean(values)), "r2": float(np.mean(np.square(values)))}


def ceiling(stack):
    v = np.array([upper(a) for a in stack])
    return {
        "lower": both([spearmanr(v[s], np.delete(v, s, 0).mean(0))[0] for s in range(len(v))]),
        "upper": both([spearmanr(a, v.mean(0))[0] for a in v]),
    }


def score(model, stack):
    rhos = [spearmanr(upper(model), upper(a))[0] for a in stack]
    return {"rhoBySubject": [float(r) for r in rhos], **both(rhos)}


example = scipy.io.loadmat(os.path.join(DATA, "92", "example_submission_fmri.mat"))
target = fmri("92")
json.dump(
    {
        "oracle": f"scipy {scipy.__version__}, numpy {np.__version__}, h5py {h5py.__version__}",
        "score": {v: score(example[v], target[v]) for v in target},
        "ceilings": {
            **{n: {v: ceiling(a) for v, a in fmri(n).items()} for n in ("92", "118")},
            **{f"{n} MEG": {w: ceiling(a) for w, a in meg(n).items()} for n in ("92", "118")},
        },
    },
    sys.stdout,
    indent=1,
)

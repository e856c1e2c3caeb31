#!/usr/bin/env python3
"""Golden values of optimisers, schedules and clipping, all by torch.

torch.optim.Adam and AdamW with two groups of their own rates and decays on fixed gradients, clipped by torch.nn.utils.clip_grad_norm_
over both, at rates by torch.optim.lr_scheduler.
"""
import json
import platform

import numpy as np
import torch
from torch.optim.lr_scheduler import ConstantLR, CosineAnnealingLR, LinearLR, SequentialLR

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(3)
N_STEPS = 12
START = [np.round(rng.uniform(-1, 1, n), 4) for n in (4, 3)]
RATES, DECAYS = (0.05, 0.002), (0.1, 0.0)
# Steps 3 and 4 are small enough not to be clipped, the others are not.
GRADIENTS = [[np.round(rng.normal(0, 0.01 if step in (3, 4) else 2, len(x)), 4) for x in START] for step in range(N_STEPS)]


def scheduler_of(optimiser, kind, warmup, n_steps):
    """Linear from 1 / warmup to 1 over the warm-up steps, then the schedule over what remains."""
    rest = CosineAnnealingLR(optimiser, T_max=n_steps - warmup) if kind == "cosine" else ConstantLR(optimiser, factor=1)
    if warmup == 0:
        return rest
    first = LinearLR(optimiser, start_factor=1 / warmup, total_iters=warmup - 1)
    return SequentialLR(optimiser, [first, rest], milestones=[warmup])


def factors(kind, warmup, n_steps):
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = scheduler_of(optimiser, kind, warmup, n_steps)
    out = []
    for _ in range(n_steps):
        out.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return out


def run(name, clip, kind, warmup):
    params = [torch.tensor(x, requires_grad=True) for x in START]
    groups = [{"params": [p], "lr": r} for p, r in zip(params, RATES)]
    if name == "adamw":
        optimiser = torch.optim.AdamW([{**g, "weight_decay": d} for g, d in zip(groups, DECAYS)])
    else:
        optimiser = torch.optim.Adam(groups)
    scheduler = scheduler_of(optimiser, kind, warmup, N_STEPS)
    norms = []
    for step in range(N_STEPS):
        for p, g in zip(params, GRADIENTS[step]):
            p.grad = torch.tensor(g)
        if clip != "none":
            norms.append(torch.nn.utils.clip_grad_norm_(params, clip).item())
        optimiser.step()
        scheduler.step()
    after = [p.tolist() for p in params]
    return {"optimiser": name, "clip": clip, "schedule": {"kind": kind, "warmup": warmup}, "norms": norms, "after": after}


CASES = [("adam", "none", "constant", 0), ("adamw", "none", "constant", 0), ("adam", 1.0, "constant", 0), ("adamw", 1.0, "cosine", 4)]
SCHEDULES = [("constant", 5, 10), ("cosine", 0, 10), ("cosine", 4, 15), ("cosine", 7, 40)]
json.dump(
    {
        "computedBy": f"torch {torch.__version__}, Python {platform.python_version()}: generate.py",
        "start": [x.tolist() for x in START],
        "rates": RATES,
        "decays": DECAYS,
        "gradients": [[g.tolist() for g in step] for step in GRADIENTS],
        "runs": [run(*case) for case in CASES],
        "schedules": [{"kind": k, "warmup": w, "nSteps": n, "factors": factors(k, w, n)} for k, w, n in SCHEDULES],
    },
    open("expected.json", "w"),
    indent=1,
)

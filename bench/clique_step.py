"""Training steps of the literal PyTorch peer on all pairs of some random images. Run: clique_step.py FOLDER_OF_PEER N_IMAGES N_STEPS

Prints for each step the seconds of forward and backward pass, and those of Adam; the first, which warms up, is left out.
"""
import sys
import time

import torch

sys.path.insert(0, sys.argv[1])
import literal_torch

n, steps = int(sys.argv[2]), int(sys.argv[3])
net = literal_torch.seeded(0)
pixels = torch.randn(n, 3, 224, 224)
masks = [torch.ones(1, c, 1, 1, requires_grad=True) for c in (64, 256, 512, 1024, 2048)]
optimiser = torch.optim.Adam(masks + list(net.parameters()), lr=1e-5)
targets = torch.rand(15, n, n)
for step in range(steps + 1):
    start = time.time()
    y = torch.cat([(stage * mask).flatten(1) for stage, mask in zip(net(pixels), masks)], 1)
    y = y - y.mean(1, keepdim=True)
    y = y / y.norm(dim=1, keepdim=True)
    loss = (1 - y @ y.T - targets).abs().mean()
    optimiser.zero_grad()
    loss.backward()
    middle = time.time()
    optimiser.step()
    if step > 0:
        print(middle - start, time.time() - middle)

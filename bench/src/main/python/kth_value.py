"""Wanda's mask in PyTorch, to be set beside `./kogata bench mask`: kthvalue and a comparison, and the original's stable sort.

    python -m venv /tmp/torch && /tmp/torch/bin/pip install torch
    for round in 1 2 3; do /tmp/torch/bin/python kth_value.py 1024x4096 1; ./kogata bench mask --rounds 1; done

Prints milliseconds of the thread's own processor time, which other processes disturb less than the clock.
"""
import sys
import time

import torch

rows, columns = map(int, (sys.argv[1] if len(sys.argv) > 1 else "4096x4096").split("x"))
threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
torch.set_num_threads(threads)
clock = time.thread_time if threads == 1 else time.perf_counter
weight = torch.randn(rows, columns) * 0.02
norms = torch.exp(torch.randn(columns))


def kth_value():
    scores = weight.abs() * torch.sqrt(norms)
    return scores <= torch.kthvalue(scores, columns // 2, dim=1, keepdim=True)[0]


def sorting():
    scores = weight.abs() * torch.sqrt(norms)
    mask = torch.zeros_like(scores) == 1
    return mask.scatter_(1, torch.sort(scores, dim=-1, stable=True)[1][:, :columns // 2], True)


assert torch.equal(kth_value(), sorting())
for name, mask in (("kthvalue", kth_value), ("sorting", sorting)):
    times = []
    for _ in range(12):
        start = clock()
        mask()
        times.append((clock() - start) * 1e3)
    times.sort()
    print(f"torch {torch.__version__} {name} {rows}x{columns} threads {threads} fastest {times[0]:.1f} median {times[len(times) // 2]:.1f}")

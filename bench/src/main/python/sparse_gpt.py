"""The original SparseGPT (arXiv 2301.00774: a threshold for each block of 128 columns) in PyTorch on one thread, beside a product of the same size.

    python sparse_gpt.py 2048 4096

Needs torch. Times are of the process's own processor time, so that other processes count less.
"""
import sys
import time

import torch

torch.set_num_threads(1)


def fasterprune(W, H, sparsity, blocksize=128, percdamp=.01):
    W = W.clone()
    H = H.clone()
    columns = W.shape[1]
    rows = W.shape[0]
    dead = torch.diag(H) == 0
    H[dead, dead] = 1
    W[:, dead] = 0
    Losses = torch.zeros(rows)
    damp = percdamp * torch.mean(torch.diag(H))
    diag = torch.arange(columns)
    H[diag, diag] += damp
    t0 = time.process_time()
    H = torch.linalg.cholesky(H)
    H = torch.cholesky_inverse(H)
    H = torch.linalg.cholesky(H, upper=True)
    t1 = time.process_time()
    for i1 in range(0, columns, blocksize):
        i2 = min(i1 + blocksize, columns)
        count = i2 - i1
        W1 = W[:, i1:i2].clone()
        Q1 = torch.zeros_like(W1)
        Err1 = torch.zeros_like(W1)
        L1 = torch.zeros_like(W1)
        Hinv1 = H[i1:i2, i1:i2]
        tmp = W1 ** 2 / (torch.diag(Hinv1).reshape((1, -1))) ** 2
        thresh = torch.sort(tmp.flatten())[0][int(tmp.numel() * sparsity)]
        mask1 = tmp <= thresh
        for i in range(count):
            w = W1[:, i]
            d = Hinv1[i, i]
            q = w.clone()
            q[mask1[:, i]] = 0
            Q1[:, i] = q
            L1[:, i] = (w - q) ** 2 / d ** 2
            err1 = (w - q) / d
            W1[:, i:] -= err1.unsqueeze(1).matmul(Hinv1[i, i:].unsqueeze(0))
            Err1[:, i] = err1
        W[:, i1:i2] = Q1
        Losses += torch.sum(L1, 1) / 2
        W[:, i2:] -= Err1.matmul(H[i1:i2, i2:])
    return W, t1 - t0


for n in map(int, sys.argv[1:]):
    torch.manual_seed(1)
    W = torch.randn(n, n) * 0.02
    X = torch.randn(2 * n, n)
    for j in range(1, n):
        X[:, j] += 0.7 * X[:, j - 1]
    H = X.T @ X * (2 / (2 * n))
    A = torch.randn(n, n)
    for r in range(3 if n <= 2048 else 1):
        t = time.process_time()
        A @ W
        g = time.process_time() - t
        t = time.process_time()
        _, f = fasterprune(W, H, 0.5)
        s = time.process_time() - t
        print(f"{n} torch: product {g*1e3:.0f} ms {2*n**3/g/1e9:.1f} Gop/s; factor {f*1e3:.0f}; original {s*1e3:.0f} ms CPU", flush=True)

"""Trains what the product trains, with PyTorch's autograd and its foreach Adam, each choice its fastest: takes commands on standard input, one a line.

matryoshka PATH [DECODING BATCH]   a TopK autoencoder 1024 -> 4096, nested over k = 8, 32, 64 and over one prefix drawn a step: answers what it chose
seed PATH                          the notebook's network 256 -> 128: answers what it chose
step N                             trains N steps: answers rows a second
blas                               answers GFLOP/s of the encoder's matrix product

Memory is taken from the system in large pages and kept, which a training gains a third from; with the argument as-installed it is not.
"""
import ctypes
import os
import sys
import time

import numpy
import torch
from torch.nn import functional

if "as-installed" not in sys.argv:
    if "GLIBC_TUNABLES" not in os.environ:  # glibc looks at it when a process starts.
        os.environ["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1"
        os.execv(sys.executable, [sys.executable, *sys.argv])
    M_MMAP_MAX, M_TRIM_THRESHOLD = -4, -1
    ctypes.CDLL(None).mallopt(M_MMAP_MAX, 0)
    ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, 2**31 - 1)

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.manual_seed(0)


def parameters(latents, dims):
    atoms = functional.normalize(torch.randn(latents, dims))
    start = [atoms.clone() / 2, torch.zeros(latents), atoms, torch.zeros(dims)]
    return [p.requires_grad_() for p in start]


def load(path, dims):
    return torch.from_numpy(numpy.fromfile(path, dtype=numpy.float32).reshape(-1, dims))


class Batches:
    """Shuffled rows, batch by batch."""

    def __init__(self, rows, batch):
        self.rows, self.batch, self.at, self.order = rows, batch, 0, torch.randperm(len(rows))

    def next(self):
        if self.at + self.batch > len(self.order):
            self.at, self.order = 0, torch.randperm(len(self.rows))
        self.at += self.batch
        return self.rows[self.order[self.at - self.batch : self.at]]


class Matryoshka:
    ks, prefixes, prefix_weight = [8, 32, 64], [128, 256, 512, 1024, 2048], 0.3
    dims, latents = 1024, 4096

    def __init__(self, rows, decode, batch):
        self.batch, self.decode = batch, getattr(self, decode)
        self.batches = Batches(rows, batch)
        self.variance = rows.var(0, unbiased=False).sum()
        self.w, self.b, self.d, self.c = self.all = parameters(self.latents, self.dims)
        self.adam = torch.optim.Adam(self.all, lr=1e-3, foreach=True)

    # Each returns what the components between one k and the next add to the reconstruction.
    def dense(self, chosen, values):
        empty = torch.zeros(len(chosen), self.latents)
        return [empty.scatter(1, chosen[:, a:b], values[:, a:b]) @ self.d for a, b in self.groups()]

    def gather(self, chosen, values):
        return [torch.bmm(values[:, None, a:b], self.d[chosen[:, a:b]])[:, 0] for a, b in self.groups()]

    def bag(self, chosen, values):
        starts = torch.arange(len(chosen))[:, None] * self.ks[-1] + torch.tensor([0] + self.ks[:-1])
        bags = functional.embedding_bag(chosen.reshape(-1), self.d, starts.reshape(-1), mode="sum", per_sample_weights=values.reshape(-1))
        return bags.view(len(chosen), len(self.ks), -1).unbind(1)

    def groups(self):
        return zip([0] + self.ks, self.ks)

    def loss(self, a, rows):
        with torch.no_grad():
            chosen = a.abs().topk(self.ks[-1], dim=1).indices
        residual, sum, weights = self.c - rows, 0, 0
        for k, part in zip(self.ks, self.decode(chosen, a.gather(1, chosen))):
            residual = residual + part
            sum, weights = sum + residual.square().sum() * k**-2, weights + k**-2
        return sum / weights / (len(rows) * self.variance)

    def step(self):
        rows = self.batches.next()
        a = torch.addmm(self.b, rows, self.w.t())
        prefix = self.prefixes[int(torch.randint(len(self.prefixes), ()))]
        loss = self.loss(a, rows) + self.prefix_weight * self.loss(a[:, :prefix], rows)
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        with torch.no_grad():
            self.d.grad.addcmul_(self.d, torch.einsum("hd,hd->h", self.d.grad, self.d)[:, None], value=-1)
            self.adam.step()
            self.d.div_(self.d.norm(dim=1, keepdim=True))
        loss.item()


class Seed:
    dims, latents, batch = 256, 128, 256

    def __init__(self, rows):
        self.batches = Batches(rows, self.batch)
        self.w, self.b, self.d, self.c = self.all = parameters(self.latents, self.dims)
        self.adam = torch.optim.Adam(self.all, lr=1e-3, eps=1e-7, foreach=True)

    def step(self):
        rows = self.batches.next()
        z = torch.addmm(self.b, rows, self.w.t()).relu()
        squares = (torch.addmm(self.c, z, self.d).sigmoid() - rows).square()
        loss = squares[:, :64].mean() + squares[:, :128].mean() / 2 + squares.mean() / 4 + 1e-5 * z.sum()
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        self.adam.step()
        loss.item()


def rate(training, steps):
    begin = time.perf_counter()
    for _ in range(steps):
        training.step()
    return steps * training.batch / (time.perf_counter() - begin)


def fastest(rows):
    """Tries every way to decode at the product's batch, then the best of them at other batches."""
    def tried(decode, batch):
        training = Matryoshka(rows, decode, batch)
        rate(training, 1)
        return rate(training, 2048 // batch), decode, batch, training

    best = max(tried(decode, 1024) for decode in ("dense", "gather", "bag"))
    best = max([best] + [tried(best[1], batch) for batch in (256, 512, 2048)])
    return best[3], f"{best[1]} decoding, batch {best[2]}"


def blas():
    a, w = torch.randn(1024, 1024), torch.randn(4096, 1024)
    out = torch.empty(1024, 4096)
    best = 0
    for _ in range(5):
        begin = time.perf_counter()
        torch.mm(a, w.t(), out=out)
        best = max(best, 2 * 1024 * 1024 * 4096 / 1e9 / (time.perf_counter() - begin))
    return best


training = None
for line in sys.stdin:
    command, *rest = line.split()
    if command == "matryoshka":
        rows = load(rest[0], Matryoshka.dims)
        training, answer = fastest(rows) if len(rest) == 1 else (Matryoshka(rows, rest[1], int(rest[2])), "as told")
    elif command == "seed":
        training, answer = Seed(load(rest[0], Seed.dims)), "batch 256"
    elif command == "step":
        answer = rate(training, int(rest[0]))
    elif command == "blas":
        answer = blas()
    print(answer, flush=True)

"""Encodes a file with NumPy: takes lines "path rows weights out" on standard input, answers each with the seconds that it took."""
import sys
import time

import numpy
import scipy.sparse

K = 64
BATCH = 512


def encode(path, rows, weights, out):
    matrix = numpy.load(weights)
    codes = []
    file = numpy.load(path, mmap_mode="r")
    for first in range(0, rows, BATCH):
        batch = numpy.asarray(file[first:min(rows, first + BATCH)])
        activations = (batch / numpy.linalg.norm(batch, axis=1, keepdims=True)) @ matrix
        latents = numpy.sort(numpy.argpartition(numpy.abs(activations), -K, axis=1)[:, -K:], axis=1)
        codes.append((latents.astype(numpy.int32), numpy.take_along_axis(activations, latents, axis=1)))
    latents = numpy.concatenate([code[0] for code in codes])
    values = numpy.concatenate([code[1] for code in codes])
    values /= numpy.linalg.norm(values, axis=1, keepdims=True)
    starts = numpy.arange(0, latents.size + 1, K)
    scipy.sparse.save_npz(out, scipy.sparse.csr_matrix((values.ravel(), latents.ravel(), starts), (rows, matrix.shape[1])), compressed=False)


for command in sys.stdin:
    path, rows, weights, out = command.split()
    begin = time.perf_counter()
    encode(path, int(rows), weights, out)
    print(time.perf_counter() - begin, flush=True)

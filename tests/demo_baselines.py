#!/usr/bin/env python3
"""What the demo's agreement table would say for baselines that need no training, on the same sample and words.

Usage: /usr/bin/python3 tests/demo_baselines.py     (needs python3-numpy; tests/run.sh installs it)

Prints, for codes of k values a vector: how much of the true top 10 the codes' own top 10 holds, and their top 100.
  truncation   the first k dims
  signed PCA   the k principal components of largest magnitude, with their sign; the rotation is fitted on all rows
"""
import pathlib

import numpy as np

WORDS, TOP, SHORTLIST = 400, 10, 100
SAMPLE = pathlib.Path(__file__).parent.parent / "src/HierEmbed.Cli/Samples/wordnet-4k/vectors.npy"

rows = np.load(SAMPLE).astype(np.float32)
rows /= np.linalg.norm(rows, axis=1, keepdims=True)
queries = [i * len(rows) // WORDS for i in range(WORDS)]


def nearest(vectors, count):
    scores = vectors[queries] @ vectors.T
    scores[range(WORDS), queries] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")[:, :count]


def held(codes):
    codes = codes / np.maximum(np.linalg.norm(codes, axis=1, keepdims=True), 1e-12)
    found = nearest(codes, SHORTLIST)
    share = [np.mean([len(set(t) & set(f[:n])) for t, f in zip(true, found)]) / TOP for n in (TOP, SHORTLIST)]
    return "  ".join(f"{100 * s:5.1f} %" for s in share)


true = nearest(rows, TOP)
rotated = (rows - rows.mean(0)) @ np.linalg.svd(rows - rows.mean(0), full_matrices=False)[2].T
print(f"{'':16}top {TOP}    top {SHORTLIST}")
for k in (32, 8):
    signed = np.zeros_like(rotated)
    largest = np.argsort(-np.abs(rotated), axis=1)[:, :k]
    np.put_along_axis(signed, largest, np.take_along_axis(rotated, largest, 1), 1)
    print(f"truncation {k:<4} {held(rows[:, :k])}")
    print(f"signed PCA {k:<4} {held(signed)}")

"""Searches with FAISS: takes lines on standard input, answers each with one. Exact neighbours come from IndexFlatIP."""
import sys
import time

import faiss
import numpy

TOP, BUILD_THREADS = 10, 2
faiss.omp_set_num_threads(1)
state = {}


def load(rows, queries):
    state["rows"], state["queries"] = numpy.load(rows), numpy.load(queries)
    state["flat"] = faiss.IndexFlatIP(state["rows"].shape[1])
    state["flat"].add(state["rows"])
    state["exact"] = state["flat"].search(state["queries"], TOP)[1]
    return "ok"


def rate(index, batch):
    queries, found, begin = state["queries"], [], time.perf_counter()
    for at in range(0, len(queries), batch):
        found.append(index.search(queries[at : at + batch], TOP)[1])
    seconds = time.perf_counter() - begin
    hits = sum(len(set(a) & set(b)) for a, b in zip(numpy.concatenate(found), state["exact"]))
    return len(queries) / seconds, hits / (TOP * len(queries))


def build(kind):
    dims = state["rows"].shape[1]
    if kind == "ivfpq":
        coarse = faiss.IndexIVFPQ(faiss.IndexFlatIP(dims), dims, 256, 64, 8, faiss.METRIC_INNER_PRODUCT)
        coarse.cp.niter = coarse.pq.cp.niter = 10
        # Its shortlist is reranked exactly, as ours is.
        index = faiss.IndexRefineFlat(coarse)
        index.k_factor = 20
    else:
        index = faiss.IndexHNSWFlat(dims, 16, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = 64
    faiss.omp_set_num_threads(BUILD_THREADS)
    begin = time.perf_counter()
    if kind == "ivfpq":
        index.train(state["rows"][:20000])
    index.add(state["rows"])
    seconds = time.perf_counter() - begin
    faiss.omp_set_num_threads(1)
    state[kind] = index
    return seconds


def sweep(kind, value):
    index = state[kind]
    if kind == "ivfpq":
        faiss.downcast_index(index.base_index).nprobe = value
    else:
        index.hnsw.efSearch = value
    rate(index, 1)
    return "%f %f" % rate(index, 1)


for command in sys.stdin:
    name, *arguments = command.split()
    if name == "load":
        answer = load(*arguments)
    elif name == "flat":
        answer = "%f %f" % rate(state["flat"], int(arguments[0]))
    elif name == "build":
        answer = build(arguments[0])
    else:
        answer = sweep(arguments[0], int(arguments[1]))
    print(answer, flush=True)

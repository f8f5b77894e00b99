"""Reads files with what people would use: takes lines "format path" on standard input, answers each with the seconds that it took."""
import json
import sys
import time

import numpy
import pandas


def read_json_lines(path):
    with open(path, "rb") as file:
        for line in file:
            json.loads(line)


def read_json(path):
    with open(path, "rb") as file:
        json.loads(file.read())


READERS = {
    "npy": numpy.load,
    "npz": lambda path: numpy.load(path)["embeddings"],
    "jsonl": read_json_lines,
    "json": read_json,
    "csv": lambda path: pandas.read_csv(path, engine="c"),
}

for command in sys.stdin:
    kind, path = command.split()
    begin = time.perf_counter()
    READERS[kind](path)
    print(time.perf_counter() - begin, flush=True)

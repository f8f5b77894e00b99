"""Prints what tests/quality.sh measured: quality_table.py rows <file.npy> | evaluation <metrics.json> | table <folder> <set> | machine <SDK> <commit>. Python's own library alone."""
import ast
import json
import os
import pathlib
import platform
import struct
import sys
import time

SEEDS = (0, 1)
RECIPES = ("sparse", "matryoshka")
BUDGETS = (16, 32, 64, 128, 256)
KS = (8, 16, 32, 64, 128)
PREFIX_DIVISOR, PREFIX_K, SHORTLIST = 8, 32, 100


def rows(path):
    """Rows of an .npy file, by its header (NEP 1)."""
    with open(path, "rb") as file:
        magic = file.read(8)
        if magic[:6] != b"\x93NUMPY":
            sys.exit(f"error: {path} is no .npy file")
        length = struct.unpack("<H", file.read(2))[0] if magic[6] == 1 else struct.unpack("<I", file.read(4))[0]
        return ast.literal_eval(file.read(length).decode("latin-1"))["shape"][0]


def mean(values):
    values = [value for value in values if value is not None]
    return sum(values) / len(values) if values else None


def figure(value):
    return "–" if value is None else f"{value:.3f}"


def line(cells):
    print("| " + " | ".join(cells) + " |")


def entry(report, method, budget):
    for candidate in report["comparison"]["figures"]:
        if candidate["budgetBytes"] == budget and (candidate["figures"]["cost"]["method"] == method):
            return candidate["figures"]
    return None


def codes_of(report):
    return next(e["figures"]["cost"]["method"] for e in report["comparison"]["figures"] if not e["isBaseline"])


def against(report, baseline, budget):
    """+ where the codes win outside the 95 % interval, − where they lose, = where it is a tie."""
    for verdict in report["comparison"]["verdicts"]:
        if verdict["budgetBytes"] == budget:
            for difference in verdict["differences"]:
                if difference["baseline"] == baseline:
                    interval = difference["interval"]
                    return "+" if interval["low"] > 0 else "−" if interval["high"] < 0 else "="
    return ""


def reranked(figures):
    return None if figures is None else next((r["recall10"] for r in figures["reranked"] if r["shortlist"] == SHORTLIST), None)


def pursuit_at(report, k):
    return next((at["pursuit"]["recall10"] for at in report["byK"] if at["k"] == k and "pursuit" in at), None)


def table(folder, name):
    reports = {(recipe, seed): json.loads((folder / f"{name}-{recipe}-{seed}.json").read_text()) for recipe in RECIPES for seed in SEEDS}
    manifests = {key: json.loads((folder / f"{name}-{key[0]}-{key[1]}" / "manifest.json").read_text()) for key in reports}
    first = reports[RECIPES[0], 0]
    counts = manifests[RECIPES[0], 0]["rows"]
    print(f"\n## {name}: {manifests[RECIPES[0], 0]['recipe']['inputDims']} dims, {counts['train']} rows trained on, "
          f"{first['testRows']} unseen rows searched by {first['queries']} queries; recall@10, mean of seeds {', '.join(map(str, SEEDS))}\n")
    line(["method", *(f"{b} B" for b in BUDGETS)])
    line(["---"] * (1 + len(BUDGETS)))
    for recipe in RECIPES:
        of = [reports[recipe, seed] for seed in SEEDS]
        line([f"**{recipe}**", *(figure(mean([(entry(r, codes_of(r), b) or {}).get("recall10") for r in of])) for b in BUDGETS)])
        line([f"{recipe}, reranked {SHORTLIST}", *(figure(mean([reranked(entry(r, codes_of(r), b)) for r in of])) for b in BUDGETS)])
    baselines = []
    for candidate in first["comparison"]["figures"]:
        method = candidate["figures"]["cost"]["method"]
        if candidate["isBaseline"] and method not in baselines:
            baselines.append(method)
    for method in baselines:
        of = [reports["sparse", seed] for seed in SEEDS]
        line([method, *(figure(mean([(entry(r, method, b) or {}).get("recall10") for r in of])) for b in BUDGETS)])

    print(f"\n`sparse` against each baseline, one sign a seed: + wins, − loses, = a tie by the paired bootstrap (95 %).\n")
    line(["baseline", *(f"{b} B" for b in BUDGETS)])
    line(["---"] * (1 + len(BUDGETS)))
    for method in baselines:
        line([method, *(" ".join(against(reports["sparse", seed], method, b) for seed in SEEDS) for b in BUDGETS)])

    print("\nPursuit codes by k, values not rounded.\n")
    line(["recipe", *(f"k={k}" for k in KS)])
    line(["---"] * (1 + len(KS)))
    for recipe in RECIPES:
        line([recipe, *(figure(mean([pursuit_at(reports[recipe, seed], k) for seed in SEEDS])) for k in KS)])

    shares, nested = [], []
    for seed in SEEDS:
        latents = manifests["matryoshka", seed]["recipe"]["latentDims"] // PREFIX_DIVISOR
        found = next((p["recall10"] for p in reports["matryoshka", seed]["prefixes"] if p["latents"] == latents), None)
        whole = pursuit_at(reports["sparse", seed], PREFIX_K)
        if found is not None and whole:
            shares.append(found / whole)
        for b in BUDGETS:
            a, c = (entry(reports[r, seed], codes_of(reports[r, seed]), b) for r in ("sparse", "matryoshka"))
            if a and c:
                nested.append((b, a["recall10"] - c["recall10"]))
    print()
    if shares:
        print(f"`matryoshka`, first 1/{PREFIX_DIVISOR} of the latents at k={PREFIX_K}: {' and '.join(f'{s:.1%}' for s in shares)} of `sparse` with all of its latents at that k.")
    if nested:
        worst = max(BUDGETS, key=lambda b: mean([d for at, d in nested if at == b]) if any(at == b for at, _ in nested) else -1)
        print(f"`matryoshka` is at most {mean([d for at, d in nested if at == worst]):.3f} below `sparse` (at {worst} B).")
    for recipe in RECIPES:
        seconds = []
        for seed in SEEDS:
            metrics = json.loads((folder / f"{name}-{recipe}-{seed}" / "metrics.json").read_text())
            epochs = metrics.get("history") or []
            training = sum(manifests[recipe, seed]["rows"]["train"] / e["samplesPerSecond"] for e in epochs)
            seconds.append((training, float((folder / f"{name}-{recipe}-{seed}.seconds").read_text())))
        print(f"`{recipe}`: epochs took {' and '.join(f'{t:.1f}' for t, _ in seconds)} s, the whole command (packing, evaluation and codes too) {' and '.join(f'{w:.1f}' for _, w in seconds)} s.")
    for key, report in reports.items():
        for reason in report.get("leftOut", []):
            print(f"{key[0]}, seed {key[1]}, left out: {reason}")


def machine(sdk, commit):
    model = platform.processor() or platform.machine()
    try:
        model = next(l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name"))
    except (OSError, StopIteration):
        pass
    print(f"\n{len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()} cores of {model}, {platform.platform()}, .NET SDK {sdk}, commit {commit}, {time.strftime('%Y-%m-%d', time.gmtime())}")


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "rows":
        print(rows(arguments[0]))
    elif command == "evaluation":
        print(json.dumps(json.loads(pathlib.Path(arguments[0]).read_text())["evaluation"]))
    elif command == "table":
        table(pathlib.Path(arguments[0]), arguments[1])
    else:
        machine(*arguments)

"""Sums the counts of all .trx files of a folder: count_results.py <folder> <files expected>. The last line is the sum."""
import pathlib
import sys
import xml.etree.ElementTree as ET

NS = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"

folder, expected = pathlib.Path(sys.argv[1]), int(sys.argv[2])
passed = failed = skipped = 0
faults = []
files = sorted(folder.glob("*.trx"))
for file in files:
    results = ET.parse(file).getroot().findall(f".//{NS}UnitTestResult")
    if not results:
        faults.append(f"{file.stem} ran no test")
    for result in results:
        outcome = result.get("outcome")
        if outcome == "Passed":
            passed += 1
        elif outcome == "NotExecuted":
            skipped += 1
            if not "".join(result.itertext()).strip():
                faults.append(f"{result.get('testName')} is skipped without a reason")
        else:
            failed += 1
            faults.append(f"{result.get('testName')}: {outcome}")
if len(files) != expected:
    faults.append(f"{len(files)} of {expected} test projects reported")
for fault in faults:
    print(f"error: {fault}", file=sys.stderr)
sys.stderr.flush()
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if faults else 0)

"""Replay every recording, print how many answers are exact, and write the list of those that are not.

    python -m tests.conformance.update [FILE…] [--show TEXT]

FILE is the name of a recording, such as ``objects``; all of them by default. With ``--show`` the differences of the
cases whose id contains TEXT are printed. The list is written only when all files are replayed.
"""

from __future__ import annotations

import argparse
from collections import Counter

from tests.conformance.replay import FILES, LISTED, replay

HEAD = """\
# Recorded conversations that the embedded server does not repeat word for word yet, and how it does:
# verdict: every status code, and every error's reason and fields are right; wrong: something else differs.
# Made by `python -m tests.conformance.update`; the list only shrinks.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", choices=[*FILES, []], help="recordings to replay (default: all)")
    parser.add_argument("--show", help="print the differences of cases whose id contains this")
    options = parser.parse_args()
    lines = []
    print(f"{'recording':<10} {'cases':>6} {'exact':>6} {'verdict':>8} {'wrong':>6}")
    for name in options.files or FILES:
        grades = replay(name)
        counts = Counter(grade for grade, _ in grades.values())
        print(
            f"{name:<10} {len(grades):>6} {counts['exact']:>6} {counts['verdict']:>8} {counts['wrong']:>6}", flush=True
        )
        lines += [f"{case} {grade}" for case, (grade, _) in sorted(grades.items()) if grade != "exact"]
        for case, (grade, notes) in grades.items():
            if options.show and options.show in case and grade != "exact":
                print(f"  {grade} {case}", *notes[:8], sep="\n    ")
    if not options.files:
        LISTED.write_text(HEAD + "\n".join(lines) + "\n")
        print(f"{len(lines)} cases are listed in {LISTED.name}")


if __name__ == "__main__":
    main()

"""Takes the creates and updates out of recorded conversations, and asks the schema part for the same verdicts."""

from __future__ import annotations

import copy
import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import define, field

from kubecrd.errors import DecodeError
from kubecrd.schema.acceptance import check_crd, prepare_crd
from kubecrd.schema.acceptance_formats import format_warnings
from kubecrd.schema.crddecoding import decode_crd
from kubecrd.schema.strategy import CustomResourceStrategy

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SYSTEM_FIELDS = {
    "uid",
    "creationTimestamp",
    "selfLink",
    "deletionGracePeriodSeconds",
    "namespace",
    "generation",
    "managedFields",
}
RECORDINGS = Path(__file__).parent.parent / "conformance" / "recordings"


def read(name):
    """Read the cases of one recording."""
    with gzip.open(RECORDINGS / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def merged(value, patch):
    if not isinstance(patch, dict):
        return patch
    found = dict(value) if isinstance(value, dict) else {}
    for key, part in patch.items():
        if part is None:
            found.pop(key, None)
        else:
            found[key] = merged(found.get(key), part)
    return found


def json_patched(value, operations):
    value = copy.deepcopy(value)
    for operation in operations:
        *parents, last = [
            step.replace("~1", "/").replace("~0", "~") for step in operation["path"].removeprefix("/").split("/")
        ]
        target = value
        for step in parents:
            target = target[int(step)] if isinstance(target, list) else target[step]
        if operation["op"] in {"add", "replace"} and isinstance(target, list):
            if last == "-":
                target.append(operation["value"])
            elif operation["op"] == "add":
                target.insert(int(last), operation["value"])
            else:
                target[int(last)] = operation["value"]
        elif operation["op"] in {"add", "replace"}:
            target[last] = operation["value"]
        elif operation["op"] == "remove":
            target.pop(int(last) if isinstance(target, list) else last)
        else:
            raise NotImplementedError(operation["op"])
    return value


def causes_of(recorded):
    """The causes of a recorded answer; None where it is not a verdict of validation."""
    body = recorded["body"]
    if isinstance(body, dict) and set(body) == {"warnings", "body"}:
        body = body["body"]
    if recorded["status"] in {200, 201}:
        return []
    if recorded["status"] != 422 or not isinstance(body, dict):
        return None
    causes = [(c.get("reason"), c.get("field"), c.get("message")) for c in body.get("details", {}).get("causes", [])]
    if not causes or causes[0][1] in {"patch", "dryRun", "fieldManager", "fieldValidation", "metadata.resourceVersion"}:
        return None
    return causes


@define
class Replay:
    """One conversation, and what has been stored in it so far."""

    case: Any
    crds: dict[str, Any] = field(factory=dict)
    objects: dict[str, Any] = field(factory=dict)
    grades: Counter = field(factory=Counter)
    notes: list[str] = field(factory=list)
    wants: str = ""
    skipped: int = 0

    def run(self):
        for step in self.case["steps"]:
            if "do" not in step:
                continue
            method, target = step["do"].split(" ", 1)
            url = urlsplit(target)
            dry = "dryRun" in parse_qs(url.query)
            recorded = step.get("recorded") or {"status": step.get("until", {}).get("status", 0), "body": {}}
            wanted = causes_of(recorded)
            try:
                self.step(step, method, url.path, recorded, wanted, dry=dry)
            except (NotImplementedError, LookupError) as error:
                self.skipped += 1
                if wanted is not None and method in {"POST", "PUT"} and not isinstance(error, NotImplementedError):
                    self.notes.append(f"{self.case['id']}: {step['do']}: {error!r}")
        return self

    def step(self, step, method, path, recorded, wanted, *, dry):
        body = step.get("body")
        if body is None and step.get("raw"):
            try:
                body = json.loads(step["raw"])
            except (ValueError, RecursionError):
                return
        if method == "DELETE" or method not in {"POST", "PUT", "PATCH"} or body is None:
            if method == "DELETE":
                self.objects.pop(path, None)
            return
        headers = {key.lower(): value for key, value in step.get("headers", {}).items()}
        if "${" in json.dumps(body) and "${rv}" not in json.dumps(body):
            return
        if "apply-patch" in headers.get("content-type", "") or "strategic" in headers.get("content-type", ""):
            raise NotImplementedError
        if path.startswith(CRDS):
            self.definition(method, path, body, headers, recorded, wanted, dry=dry)
        else:
            self.object(method, path, body, headers, wanted, recorded, dry=dry)

    def new_value(self, method, old, body, headers):
        if method != "PATCH":
            return body
        if old is None:
            raise NotImplementedError
        if "json-patch" in headers.get("content-type", ""):
            return json_patched(old, body)
        return merged(old, body)

    def definition(self, method, path, body, headers, recorded, wanted, *, dry):
        if path.endswith("/status"):
            raise NotImplementedError
        if method != "PATCH" and not isinstance(body, dict):
            return
        name = path.removeprefix(CRDS).strip("/") or (body.get("metadata") or {}).get("name", "")
        old = self.crds.get(name) if method != "POST" else None
        if method == "PUT" and old is None:
            return
        crd = self.new_value(method, old, body, headers)
        if wanted is None:
            return
        self.ask_definition(f"{method} {name}", crd, old, wanted)
        if old is not None:
            crd = {**crd, "metadata": {**old.get("metadata", {}), **crd.get("metadata", {})}}
            crd["metadata"].pop("resourceVersion", None)
        try:
            prepared = prepare_crd(crd, old)
            unknown = decode_crd(crd)[1]
        except DecodeError as error:
            self.grades["wrong"] += 1
            self.notes.append(f"{self.case['id']}: decode {error}")
            return
        if old is None:
            prepared["metadata"] = {
                key: value for key, value in prepared["metadata"].items() if key not in SYSTEM_FIELDS
            } | {"generation": 1}
        found = check_crd(prepared, old)
        self.grade(f"{method} {name}", wanted, found, recorded)
        self.grade_answer(f"{method} {name}", prepared, unknown, recorded, found)
        self.grade_formats(name, [] if found else format_warnings(prepared, old), recorded)
        if not wanted and not dry:
            prepared.setdefault("status", {})["conditions"] = [{"type": "Established", "status": "True"}]
            self.crds[name] = prepared

    def grade_formats(self, name, texts, recorded):
        body = recorded["body"]
        if not isinstance(body, dict) or set(body) != {"warnings", "body"}:
            return
        told = [text for text in body["warnings"] if "unrecognized format" in text]
        if sorted(told) == sorted(f"299 - {json.dumps(text)}" for text in texts):
            self.grades["same formats"] += 1
        else:
            self.grades["other formats"] += 1
            self.notes.append(f"{self.case['id']}: {name}: formats\n   {told}\n   {texts}")

    def ask_definition(self, what, crd, old, wanted):
        """For those who ask somebody else, too."""

    def ask_object(self, what, crd, value, old, wanted, *, is_status):
        """For those who ask somebody else, too."""

    def crd_of(self, path):
        _, group, _, *rest = path.strip("/").split("/")
        return self.crds[f"{rest[2] if rest[0] == 'namespaces' and len(rest) > 2 else rest[0]}.{group}"]

    def strategy(self, path):
        parts = path.strip("/").split("/")
        _, group, version, *rest = parts
        namespace = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        crd = self.crds[f"{rest[0]}.{group}"]
        return CustomResourceStrategy(crd, version), namespace, rest

    def object(self, method, path, body, headers, wanted, recorded, *, dry):
        if not path.startswith("/apis/") or not isinstance(body, dict | list):
            return
        try:
            strategy, namespace, rest = self.strategy(path)
        except (LookupError, StopIteration):
            return
        if len(rest) > 2 and rest[2] != "status":
            raise NotImplementedError
        is_status = len(rest) > 2
        key = path.removesuffix("/status")
        old = self.objects.get(key) if method != "POST" else None
        if method != "POST" and old is None:
            return
        if old is not None:
            old = strategy.decode({**old, "apiVersion": strategy.api_version})[0]
        value = self.new_value(method, old, body, headers)
        if wanted is None or not isinstance(value, dict):
            return
        self.ask_object(f"{method} {path}", self.crd_of(path), value, old, wanted, is_status=is_status)
        try:
            value, unknown = strategy.decode(value)
        except DecodeError as error:
            self.grades["wrong"] += 1
            self.notes.append(f"{self.case['id']}: decode {error}")
            return
        if strategy.namespaced:
            value.setdefault("metadata", {})["namespace"] = namespace
        else:
            value.setdefault("metadata", {}).pop("namespace", None)
        value, found = self.judge(strategy, method, path, value, old, wanted, is_status=is_status, dry=dry)
        if strategy.has_status or not is_status:
            shown = strategy.decode(value)[0]
            self.grade_answer(f"{method} {path}", shown, unknown if method != "PATCH" else None, recorded, found)

    def judge(self, strategy, method, path, value, old, wanted, *, is_status, dry):
        generated = value["metadata"].get("generateName", "")
        # The field manager has rewritten these before anyone validates them.
        value["metadata"].pop("managedFields", None)
        if method == "POST":
            if generated and not value["metadata"].get("name"):
                value["metadata"]["name"] = f"{generated[:58]}bbbbb"
            value["metadata"] |= {"uid": "00000000-0000-0000-0000-00000000000a"}
            value["metadata"].pop("resourceVersion", None)
            value = strategy.prepare_create(value)
            found = strategy.validate_create(value)
        elif is_status:
            value = strategy.prepare_status_update(value, old)
            found = strategy.validate_status_update(value, old)
        else:
            value = strategy.prepare_update(value, old)
            found = strategy.validate_update(value, old)
        self.grade(f"{method} {path}", wanted, found, None)
        if not wanted and not dry:
            key = path.rstrip("/").removesuffix("/status")
            if method == "POST":
                key = f"{key}/{value['metadata']['name']}"
            self.objects[key] = value
        return value, found

    def grade_answer(self, what, value, unknown, recorded, errors):
        """Compare the content of what is stored, and the warnings, with the recorded answer."""
        body, warnings = recorded["body"], None
        if isinstance(body, dict) and set(body) == {"warnings", "body"}:
            warnings, body = body["warnings"], body["body"]
        if errors or not isinstance(body, dict) or "spec" not in body or self.case_kind(what) not in self.wants:
            return
        rest = {key: part for key, part in body.items() if key not in {"metadata", "status"}}
        got = {key: part for key, part in value.items() if key not in {"metadata", "status"}}
        got_generation, generation = value["metadata"].get("generation"), body["metadata"].get("generation")
        if rest != got or generation not in (None, got_generation):
            self.grades["other content"] += 1
            self.notes.append(
                f"{self.case['id']}: {what}: content\n   {json.dumps(rest, sort_keys=True)} {generation}\n   {json.dumps(got, sort_keys=True)} {got_generation}"
            )
        else:
            self.grades["same content"] += 1
        if warnings is None or unknown is None:
            return
        texts = [f"299 - {json.dumps(f'unknown field {json.dumps(path)}')}" for path in unknown]
        told = [text for text in warnings if "unknown field" in text]
        if texts == told:
            self.grades["same warnings"] += 1
        else:
            self.grades["other warnings"] += 1
            self.notes.append(f"{self.case['id']}: {what}: warnings\n   {told}\n   {texts}")

    def grade(self, what, wanted, found, _recorded):
        if self.case_kind(what) not in self.wants:
            return
        got = [(error.reason, error.field, error.message) for error in found]
        got = [(reason, name, masked(message)) for reason, name, message in got]
        if sorted(got, key=repr) == sorted(wanted, key=repr):
            self.grades["exact"] += 1
            if got != wanted:
                self.grades["reordered"] += 1
            return
        same = sorted((r, f) for r, f, _ in got) == sorted((r, f) for r, f, _ in wanted)
        self.grades["verdict" if same else "wrong"] += 1
        self.notes.append(
            f"{self.case['id']}: {what}\n    wanted {[c for c in wanted if c not in got]}\n    got    "
            f"{[c for c in got if c not in wanted]}"
        )

    @staticmethod
    def case_kind(what):
        return "object" if "/" in what else "definition"


def masked(message):
    return message.replace("00000000-0000-0000-0000-000000000000", "<uid>")


def replay(name, wants=("object", "definition"), make=Replay):
    """Replay all cases of one recording."""
    return [make(case, wants=wants).run() for case in read(name)]


def main():
    name, *rest = sys.argv[1:]
    wants = rest[:1] or ["object", "definition"]
    total = Counter()
    for result in replay(name, tuple(wants)):
        total += result.grades
        for note in result.notes:
            sys.stdout.write(f"{note}\n")
    sys.stdout.write(f"{dict(total)}\n")


if __name__ == "__main__":
    main()

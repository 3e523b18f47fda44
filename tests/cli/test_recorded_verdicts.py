"""The creates and updates of recorded conversations, asked of the public functions and of the commands.

What a real API server answered is what both must say: reason, field and message of every cause, in its order as far as
it has one.
"""

from __future__ import annotations

import json

import pytest
from attrs import define, field

from kubecrd import ObjectValidator, check_crd
from kubecrd.cli.__main__ import main
from kubecrd.errors import DecodeError
from kubecrd.schema.crddecoding import decode_crd
from tests.conformance.replay import listed
from tests.schema.recordings import CRDS, Replay, masked, read, replay

APART = {
    "objects/version/noop-without-differences",
    "objects/version/body-version",
    "objects/metaonly/body",
}
"""In these the server goes by what is not in the object: a uid that it made up, version and kind in the URL."""


def told(errors):
    return sorted((error.reason, error.field, masked(error.message)) for error in errors)


@define
class Asked(Replay):
    """Asks the functions or the commands for each verdict, and notes where the recorded server says otherwise."""

    asked: int = 0
    differ: list = field(factory=list)

    def ask_definition(self, what, crd, old, wanted):
        self.judge_answer(what, self.definition_verdict(crd, old), wanted)

    def ask_object(self, what, crd, value, old, wanted, *, is_status):
        self.judge_answer(what, self.object_verdict(crd, value, old, is_status=is_status), wanted)

    def judge_answer(self, what, found, wanted):
        self.asked += 1
        if found != sorted(wanted):
            self.differ.append((self.case["id"], what, {"server": sorted(wanted), "here": found}))


def undecodable(recorded):
    """The words of Go's decoder in a recorded answer; empty where it is none of these."""
    body = recorded["body"]
    message = body.get("message", "") if recorded["status"] == 400 and isinstance(body, dict) else ""
    _, _, why = message.partition(" cannot be handled as a ")
    return why.partition(": ")[2]


class Functions(Asked):
    undecodable: int = 0

    def step(self, step, method, path, recorded, wanted, *, dry):
        why, body = undecodable(recorded), step.get("body")
        if why and method == "POST" and isinstance(body, dict) and "no kind " not in why:
            self.undecodable += 1
            self.ask_undecodable(f"{method} {path}", path, body, why)
        super().step(step, method, path, recorded, wanted, dry=dry)

    def ask_undecodable(self, what, path, body, why):
        """Ask for what was refused before anyone validated it: for its types, or for fields in a strict request."""
        validator = None if path.startswith(CRDS) else ObjectValidator(self.crd_of(path))
        try:
            found = str(check_crd(body) if validator is None else validator.verdict(body))
        except DecodeError as error:
            found = str(error)
        if why.startswith("strict decoding error: "):
            unknown = decode_crd(body)[1] if validator is None else validator.unknown_fields(body)
            found = "strict decoding error: " + ", ".join(f'unknown field "{field}"' for field in unknown)
        if found != why:
            self.differ.append((self.case["id"], what, {"server": why, "here": found}))

    def definition_verdict(self, crd, old):
        return told(check_crd(crd, old))

    def object_verdict(self, crd, value, old, *, is_status):
        return told(ObjectValidator(crd).verdict(value, old, subresource="status" if is_status else ""))


class Commands(Asked):
    folder = None
    capsys = None

    def run_command(self, *arguments):
        code = main([*arguments, "--output", "json"])
        findings = [each for each in json.loads(self.capsys.readouterr().out) if each["reason"] != "Warning"]
        assert code == (1 if findings else 0)
        return sorted((each["reason"], each["field"], masked(each["message"])) for each in findings)

    def written(self, name, document):
        path = self.folder / name
        path.write_text(json.dumps(document))
        return str(path)

    def definition_verdict(self, crd, old):
        stored = [] if old is None else ["--old", self.written("old.json", old)]
        # The path of a request says the kind; a file must say it.
        crd = {**crd, "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
        return self.run_command("check", self.written("crd.json", crd), *stored)

    def object_verdict(self, crd, value, old, *, is_status):
        stored = [] if old is None else ["--old", self.written("old.json", old)]
        stored += ["--subresource", "status"] if is_status else []
        crd_file = self.written("crd.json", crd)
        return self.run_command("validate", self.written("object.json", value), "--crd", crd_file, *stored)


ASKED = {"objects": 900, "crd": 440}
UNDECODABLE = {"objects": 19, "crd": 10}


@pytest.mark.parametrize("name", sorted(ASKED))
@pytest.mark.parametrize("asked", [Functions, Commands])
def test_verdicts_are_those_of_the_recorded_server(name, asked, tmp_path, capsys):
    if not read(name):
        pytest.skip("the recordings are not at hand")
    asked.folder, asked.capsys = tmp_path, capsys

    results = replay(name, make=asked)

    known = APART | listed().keys()
    assert [each for result in results for each in result.differ if each[0] not in known] == []
    assert sum(result.asked for result in results) >= ASKED[name]
    assert asked is Commands or sum(result.undecodable for result in results) >= UNDECODABLE[name]

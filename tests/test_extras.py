"""Optional parts: found where they are installed, and named with what to do where not."""

import sys

import pytest

from kubecrd._extras import need
from kubecrd.errors import MissingExtraError


def test_a_part_that_is_there_is_given():
    assert need("json.decoder", feature="reading", extra="cli") is sys.modules["json.decoder"]


@pytest.mark.parametrize(
    ("instead", "message"),
    [
        (None, "painting needs easel, which is not installed; pip install 'kubecrd-toolkit[art]'"),
        ("draw", "painting needs easel, which is not installed; pip install 'kubecrd-toolkit[art]', or draw"),
    ],
)
def test_a_part_that_is_missing_is_named_with_what_to_do(instead, message):
    with pytest.raises(MissingExtraError) as error:
        need("easel.oil", feature="painting", extra="art", instead=instead)

    assert str(error.value) == message
    assert isinstance(error.value, ImportError)


def test_what_is_wrong_inside_a_part_is_not_taken_for_its_absence(tmp_path, monkeypatch):
    (tmp_path / "broken_part.py").write_text("import no_such_module_at_all\n")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ModuleNotFoundError, match="no_such_module_at_all"):
        need("broken_part", feature="painting", extra="art")

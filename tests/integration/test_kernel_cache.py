"""Compiled kernels are kept where that can be; where it cannot, the service starts all the same."""

import importlib.util
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from types import FunctionType

import numba
import pytest

import geo_service
from geo_service.layers.index.compiling import compiled

_ON_EDGE = """
import numpy
from geo_service.layers.index.lookup import is_on_edge
print(is_on_edge(numpy.array([0.0, 0.0, 1.0, 0.0]), 0, 0.5, 0.0))
"""

needs_jit = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="the compiler is switched off")


def three_times(number):
    return 3 * number


def test_a_kernel_without_a_place_to_be_kept_is_compiled_all_the_same():
    nowhere = three_times.__code__.replace(co_filename="nowhere.py")
    assert compiled(FunctionType(nowhere, {}))(14) == 42


def kernel_of(path):
    """Import the kernel of a file anew, as the next process would."""
    spec = importlib.util.spec_from_file_location("kernels", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return compiled(module.twice)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "kernels.py"
    path.write_text("def twice(number):\n    return 2 * number\n")
    return path


def kept_files(source):
    return sorted(source.parent.glob("__pycache__/*.nb[ci]"))


@needs_jit
def test_what_was_compiled_is_kept_beside_the_source(source):
    assert kernel_of(source)(21) == 42
    assert [path.suffix for path in kept_files(source)] == [".nbc", ".nbi"]
    again = kernel_of(source)
    assert again(21) == 42
    assert sum(again.stats.cache_hits.values()) == 1


@needs_jit
@pytest.mark.parametrize("suffix", [".nbc", ".nbi"])
@pytest.mark.parametrize("content", [b"", b"\x80", b"what is this"])
def test_a_damaged_kernel_is_compiled_again_and_mended(source, suffix, content):
    kernel_of(source)(21)
    [path] = [path for path in kept_files(source) if path.suffix == suffix]
    path.write_bytes(content)
    assert kernel_of(source)(21) == 42
    mended = kernel_of(source)
    assert mended(21) == 42
    assert sum(mended.stats.cache_hits.values()) == 1


@needs_jit
def test_a_full_disk_fails_no_call(source):
    kernel = kernel_of(source)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    try:
        assert kernel(21) == 42
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert kept_files(source) == []


@pytest.fixture
def program(tmp_path):
    """The program in a folder of its own, nothing compiled yet."""
    shutil.copytree(
        Path(geo_service.__file__).parent,
        tmp_path / "geo_service",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return tmp_path / "geo_service" / "layers" / "index"


def run(folder, script, **environment):
    unset = {"XDG_CACHE_HOME", "NUMBA_CACHE_DIR"}
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(folder), **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_the_service_starts_where_neither_its_folder_nor_the_users_can_be_written_to(
    program, tmp_path
):
    """Files stand where cache folders would be made, so that root cannot make them either."""
    (program / "__pycache__").touch()
    (tmp_path / "home").touch()
    script = f"import geo_service.layers.locator\n{_ON_EDGE}"
    assert run(tmp_path, script, HOME=str(tmp_path / "home")) == "True"


@needs_jit
def test_a_kernel_is_compiled_again_when_one_that_it_calls_has_changed(program, tmp_path):
    """numba alone looks at the caller's own file, and would go on with what it called before."""
    assert run(tmp_path, _ON_EDGE) == "True"
    called = program / "orientation.py"
    text, first_line = called.read_text(), "    left = (ax - px) * (by - py)\n"
    assert text.count(first_line) == 1
    always_left = f"    if px == 0.5:\n        return 1\n{first_line}"
    called.write_text(text.replace(first_line, always_left))
    assert run(tmp_path, _ON_EDGE) == "False"

#!/usr/bin/env python3
"""Rules of the house that a program can check: about files, not about what they do."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
OURS = ["base", "acl", "hotdesk", "tftp-http", "portal", "edge", "bench", "tests", "cmake", "etc"]
TEXT = {".cpp", ".hpp", ".py", ".sh", ".toml", ".cmake", ".ts", ".xml", ".cfg"}

TODO = re.compile(r"\b(TODO|FIXME|XXX)\b(?!\([a-z]+\))")
SLEEP = re.compile(r"\b(sleep_for|sleep_until|u?sleep|nanosleep|clock_nanosleep)\s*\(")


def files(root, folders, suffixes):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file() and not {"corpus", "node_modules"} & set(path.parts):
                yield path


def lines_with(root, folders, suffixes, pattern):
    found = []
    for path in files(root, folders, suffixes):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(root)}:{number}: {line.strip()}")
    return found


def todos_without_owner(root):
    return [line for line in lines_with(root, OURS, TEXT, TODO)
            if not line.startswith("tests/repository_test.py")]


def sleeps_in_tests(root):
    return lines_with(root, ["tests"], {".cpp", ".hpp"}, SLEEP)


def fuzzers_without_corpus(root):
    found = []
    for path in sorted((root / "tests/fuzz").glob("*_fuzz.cpp")):
        corpus = root / "tests/fuzz/corpus" / path.stem.removesuffix("_fuzz")
        if not corpus.is_dir() or not any(entry.is_file() for entry in corpus.rglob("*")):
            found.append(f"{path.name} has nothing in {corpus.relative_to(root)}")
    return found


def corpora_without_fuzzer(root):
    corpora = sorted((root / "tests/fuzz/corpus").glob("*"))
    return [corpus.name for corpus in corpora
            if not (root / f"tests/fuzz/{corpus.name}_fuzz.cpp").is_file()]


def headers_without_guard(root):
    return [str(path.relative_to(root)) for path in files(root, OURS, {".hpp"})
            if not path.read_text(encoding="utf-8").startswith("#pragma once\n")]


def unbuilt_tests(root):
    """Test files that no test program takes: a wrong name, or a folder the build does not know."""
    known = re.search(r"foreach\(folder ([^)]*)\)",
                      (root / "cmake/folders.cmake").read_text(encoding="utf-8"))
    folders = set(known.group(1).split()) if known else set()
    found = []
    for path in files(root, ["tests"], {".cpp"}):
        relative = path.relative_to(root / "tests")
        folder = str(relative.parent)
        if folder in ("fuzz", "support") or folder.startswith("support/"):
            continue
        if folder not in folders or not path.stem.endswith("_test"):
            found.append(str(relative))
    return found


class Repository(unittest.TestCase):
    def expect_none(self, found):
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def test_every_todo_has_an_owner(self):
        self.expect_none(todos_without_owner(ROOT))

    def test_no_test_sleeps(self):
        self.expect_none(sleeps_in_tests(ROOT))

    def test_every_fuzz_target_has_a_corpus_and_every_corpus_a_target(self):
        self.expect_none(fuzzers_without_corpus(ROOT))
        self.expect_none(corpora_without_fuzzer(ROOT))

    def test_every_header_is_guarded(self):
        self.expect_none(headers_without_guard(ROOT))

    def test_every_test_file_is_built(self):
        self.expect_none(unbuilt_tests(ROOT))

    def test_every_script_is_well_formed(self):
        for path in [*ROOT.glob("*.sh"), *files(ROOT, OURS, {".sh"})]:
            done = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)


class TheTestItself(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.write("cmake/folders.cmake", "foreach(folder base base/loop)\n")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def test_finds_what_it_looks_for(self):
        self.write("base/a.cpp", "// TODO: later\n// FIXME\n// TODO(anna): mine\n")
        self.assertEqual(len(todos_without_owner(self.root)), 2)
        self.write("tests/base/a_test.cpp", "std::this_thread::sleep_for(1s);\nasleep(1);\nusleep(1);\n")
        self.assertEqual(len(sleeps_in_tests(self.root)), 2)
        self.write("tests/fuzz/a_fuzz.cpp", "")
        self.write("tests/fuzz/b_fuzz.cpp", "")
        self.write("tests/fuzz/corpus/b/one", "x")
        self.write("tests/fuzz/corpus/c/one", "x")
        self.assertEqual(len(fuzzers_without_corpus(self.root)), 1)
        self.assertEqual(corpora_without_fuzzer(self.root), ["c"])
        self.write("base/a.hpp", "// no guard\n")
        self.assertEqual(headers_without_guard(self.root), ["base/a.hpp"])
        self.write("tests/base/oops.cpp", "")
        self.write("tests/lost/a_test.cpp", "")
        self.assertEqual(unbuilt_tests(self.root), ["base/oops.cpp", "lost/a_test.cpp"])


if __name__ == "__main__":
    sys.exit(unittest.main())

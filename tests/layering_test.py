#!/usr/bin/env python3
"""Reads every #include line and fails on an arrow that the table of the layers does not have.

Folders are floor (base), rooms (acl, hotdesk, tftp-http, portal) and roof (edge). Includes point
downwards only, and the header of a library stays inside the folder that wraps it. CMakeLists.txt
says the same by what it links; this says it for headers, which CMake does not look at.
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Longest path wins: edge/watch is not edge.
MAY_INCLUDE = {
    "base": {"base"},
    "base/crypto": {"base", "base/crypto"},
    "base/loop": {"base", "base/loop"},
    "base/store": {"base", "base/crypto", "base/store"},
    "acl": {"base", "base/crypto", "base/store", "acl"},
    "hotdesk": {"base", "base/crypto", "base/store", "acl", "hotdesk"},
    "tftp-http": {"base", "base/crypto", "base/loop", "acl", "hotdesk", "tftp-http"},
    "portal": {"base", "base/crypto", "base/loop", "base/store", "acl", "hotdesk", "tftp-http",
               "portal"},
    "bench/storm": {"base", "base/crypto", "base/loop", "bench/storm"},
    "edge": {"base", "base/crypto", "base/loop", "base/store", "acl", "hotdesk", "tftp-http",
             "portal", "bench/storm", "edge"},
    # Programs of their own, which never have the server's code (and secrets) in memory.
    "edge/watch": {"base", "edge/watch"},
    "edge/enforce": {"base", "edge/enforce"},
}
ALSO = {  # single files beyond the table
    # What is stored, as plain values, is what the registry hands out; the store itself stays away.
    "tftp-http": re.compile(r"base/store/records\.hpp$"),
    "edge/watch": re.compile(r"edge/messages(_[a-z]+)?\.hpp$"),
    "edge/enforce": re.compile(r"edge/messages(_[a-z]+)?\.hpp$"),
}

# Which folders may include a library's headers. fmt stands in for std::format, which this compiler
# does not have, and belongs to all.
LIBRARIES = {
    r"fmt/": None,
    r"spdlog/": {"base"},
    r"toml\+\+/": {"base"},
    r"prometheus/": {"base"},
    r"event2/": {"base/loop", "tftp-http", "portal"},
    r"sqlite3": {"base/store"},
    r"openssl/": {"base/crypto", "tftp-http", "bench/storm"},
    r"kainjow/": {"tftp-http"},
    r"nlohmann/": {"portal", "edge"},
    r"CLI/": {"edge"},
    r"qrencode": {"edge"},
    r"curl/": {"edge"},
    r"pcap": {"edge/watch"},
    r"seccomp": {"edge/watch", "edge/enforce"},
    r"nftables/": {"edge/enforce"},
    r"libnetfilter_queue/|libmnl/|libnfnetlink/": {"edge/enforce"},
}
IN_ONE_FILE = [r"toml\+\+/", r"curl/"]

# "No sockets" for the floor's own folder, the store and the rooms of pure logic.
SOCKETS = re.compile(r"(sys/(socket|epoll|un)\.h|poll\.h|netdb\.h|netinet/|arpa/inet\.h|net/)")
NO_SOCKETS = {"base", "base/crypto", "base/store", "acl", "hotdesk"}
SOCKETS_EXCEPT = {"base/ip_address.cpp"}  # inet_pton() and inet_ntop(): text, no sockets

SYSTEM = re.compile(
    r"([a-z_]+"  # the standard library
    r"|(sys|netinet|arpa|net|linux|asm)/[a-z0-9_./-]+\.h"
    r"|(ctype|dirent|dlfcn|errno|fcntl|fnmatch|ftw|getopt|glob|grp|ifaddrs|inttypes|libgen|limits"
    r"|math|netdb|poll|pthread|pwd|regex|resolv|sched|semaphore|signal|spawn|stddef|stdint|stdio"
    r"|stdlib|string|strings|sysexits|syslog|termios|time|unistd|utime|wordexp)\.h)")

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def folder_of(path):
    """The layer that a file belongs to, or None (tests, benchmarks of single subjects)."""
    parts = path.split("/")[:-1]
    for length in range(len(parts), 0, -1):
        folder = "/".join(parts[:length])
        if folder in MAY_INCLUDE:
            return folder
    return None


def library_of(header):
    for pattern in LIBRARIES:
        if re.match(pattern, header):
            return pattern
    return None


def complaint_about_ours(path, folder, header, exists):
    target = folder_of(header)
    if not exists(header):
        return f"\"{header}\" is no file; includes are written from the root"
    if folder is None:
        return None
    if target is None:
        return f"\"{header}\" belongs to no layer"
    also = ALSO.get(folder)
    if target in MAY_INCLUDE[folder] or (also and also.match(header)):
        return None
    return f"{folder} may not include {target} (\"{header}\")"


def complaint_about_library(path, folder, header):
    library = library_of(header)
    if folder is None:
        return None
    if library is None:
        if not SYSTEM.fullmatch(header):
            return f"<{header}> is of a library that no folder wraps"
        if folder in NO_SOCKETS and SOCKETS.match(header) and path not in SOCKETS_EXCEPT:
            return f"{folder} has no sockets (<{header}>)"
        return None
    folders = LIBRARIES[library]
    if folders is None or folder in folders:
        return None
    return f"<{header}> stays inside {', '.join(sorted(folders))}"


def complaints(files, exists):
    """`files`: (path, text) pairs. Every forbidden include as "path:line: what"."""
    found = []
    users = {pattern: [] for pattern in IN_ONE_FILE}
    for path, text in files:
        folder = folder_of(path)
        for number, line in enumerate(text.splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            ours, library = match.groups()
            what = (complaint_about_ours(path, folder, ours, exists) if ours
                    else complaint_about_library(path, folder, library))
            if what:
                found.append(f"{path}:{number}: {what}")
            for pattern in IN_ONE_FILE:
                if library and re.match(pattern, library):
                    users[pattern].append(f"{path}:{number}")
                    if not path.endswith(".cpp"):
                        found.append(f"{path}:{number}: <{library}> belongs into one .cpp")
    for pattern, places in users.items():
        for place in places[1:]:
            found.append(f"{place}: a second file with {pattern}; it belongs into one .cpp")
    return found


def tree():
    for top in ["base", "acl", "hotdesk", "tftp-http", "portal", "edge", "bench", "tests"]:
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in (".cpp", ".hpp") and "node_modules" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


class Layering(unittest.TestCase):
    def test_no_file_includes_upwards_or_another_folders_library(self):
        files = list(tree())
        self.assertGreater(len(files), 20, "the tree was not found")
        found = complaints(files, lambda header: (ROOT / header).is_file())
        self.assertEqual(found, [], "\n" + "\n".join(found))

    def check(self, path, line, expected):
        found = complaints([(path, "// a line\n" + line + "\n")], lambda header: True)
        if expected is None:
            self.assertEqual(found, [])
        else:
            self.assertEqual(len(found), 1, f"{path} {line}: {found}")
            self.assertIn(f"{path}:2: ", found[0])
            self.assertIn(expected, found[0])

    def test_the_test_finds_arrows_that_point_upwards(self):
        for path, header in [("base/a.cpp", "acl/guard.hpp"), ("base/a.cpp", "base/loop/timer.hpp"),
                             ("base/loop/a.cpp", "base/store/store.hpp"),
                             ("acl/a.hpp", "hotdesk/registry.hpp"), ("acl/a.cpp", "base/loop/t.hpp"),
                             ("hotdesk/a.cpp", "tftp-http/content.hpp"),
                             ("tftp-http/a.cpp", "base/store/store.hpp"),
                             ("tftp-http/a.cpp", "portal/a.hpp"), ("portal/a.cpp", "edge/config.hpp"),
                             ("bench/storm/a.cpp", "acl/guard.hpp"),
                             ("bench/storm/a.cpp", "edge/config.hpp"),
                             ("edge/watch/a.cpp", "acl/guard.hpp"),
                             ("edge/watch/a.cpp", "base/store/store.hpp"),
                             ("edge/watch/a.cpp", "edge/config.hpp"),
                             ("edge/enforce/a.cpp", "edge/watch/a.hpp"),
                             ("edge/a.cpp", "edge/watch/a.hpp")]:
            self.check(path, f'#include "{header}"', "may not include")
        self.check("acl/a.cpp", '#  include "tests/support/a.hpp"', "no layer")

    def test_the_test_lets_the_table_pass(self):
        for path, header in [("base/a.cpp", "base/error.hpp"), ("acl/a.cpp", "base/store/records.hpp"),
                             ("acl/a.cpp", "base/crypto/crypto.hpp"),
                             ("tftp-http/a.cpp", "base/store/records.hpp"),
                             ("hotdesk/a.cpp", "acl/guard.hpp"), ("edge/a.cpp", "bench/storm/a.hpp"),
                             ("edge/watch/a.cpp", "edge/messages.hpp"),
                             ("edge/watch/a.hpp", "edge/messages_watch.hpp"),
                             ("edge/enforce/a.cpp", "base/unique_fd.hpp"),
                             ("tests/base/a_test.cpp", "edge/config.hpp"),
                             ("bench/guard_bench.cpp", "acl/guard.hpp")]:
            self.check(path, f'#include "{header}"', None)

    def test_the_test_finds_libraries_outside_their_folder(self):
        for path, header in [("acl/a.cpp", "openssl/evp.h"), ("hotdesk/a.cpp", "sqlite3.h"),
                             ("base/a.hpp", "event2/event.h"), ("portal/a.cpp", "openssl/ssl.h"),
                             ("tftp-http/a.cpp", "nlohmann/json.hpp"),
                             ("edge/a.cpp", "pcap/pcap.h"), ("edge/watch/a.cpp", "nftables/x.h"),
                             ("edge/a.cpp", "event2/event.h")]:
            self.check(path, f"#include <{header}>", "stays inside")
        self.check("base/a.cpp", "#include <boost/asio.hpp>", "no folder wraps")
        self.check("acl/a.cpp", "#include <sys/socket.h>", "no sockets")
        self.check("base/a.cpp", "#include <netinet/in.h>", "no sockets")
        for path, header in [("base/a.cpp", "toml++/toml.h"), ("base/crypto/a.cpp", "openssl/evp.h"),
                             ("tftp-http/a.cpp", "event2/http.h"), ("acl/a.cpp", "fmt/format.h"),
                             ("edge/a.cpp", "sys/socket.h"), ("base/a.cpp", "vector")]:
            self.check(path, f"#include <{header}>", None)

    def test_the_test_finds_a_second_file_with_the_toml_parser(self):
        line = "#include <toml++/toml.h>\n"
        self.assertEqual(len(complaints([("base/a.cpp", line)], lambda header: True)), 0)
        self.assertEqual(len(complaints([("base/a.cpp", line), ("base/b.cpp", line)],
                                        lambda header: True)), 1)
        self.assertEqual(len(complaints([("base/a.hpp", line)], lambda header: True)), 1)

    def test_the_test_finds_includes_that_are_not_written_from_the_root(self):
        found = complaints([("acl/a.cpp", '#include "guard.hpp"')], lambda header: False)
        self.assertEqual(len(found), 1)


if __name__ == "__main__":
    sys.exit(unittest.main())

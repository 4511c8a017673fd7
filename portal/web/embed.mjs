// Turns dist/ into one C++ source that defines all_assets() of portal/assets.hpp.
//   node embed.mjs OUTPUT

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const DIST = fileURLToPath(new URL("dist", import.meta.url));
const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}

// A string literal of any bytes: octal escapes of three digits cannot swallow what follows them.
function literal(bytes) {
  const lines = [];
  for (let from = 0; from < bytes.length; from += 4096) {
    let line = "";
    for (const byte of bytes.subarray(from, from + 4096)) {
      const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f;
      line += plain ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`;
    }
    lines.push(`"${line}"`);
  }
  return lines.length > 0 ? lines.join("\n") : '""';
}

function view(bytes) {
  return bytes.length > 0 ? `std::string_view(\n${literal(bytes)}, ${bytes.length})` : "std::string_view()";
}

const assets = filesBelow(DIST).map((file) => {
  const path = file.slice(DIST.length).replaceAll("\\", "/");
  const type = TYPES[extname(file)];
  if (!type) throw new Error(`${path}: no content type is known for it`);
  const bytes = readFileSync(file);
  const gzip = gzipSync(bytes, { level: 9 });
  return { path, type, bytes, gzip: gzip.length < bytes.length * 0.95 ? gzip : Buffer.alloc(0) };
});
assets.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));

const rows = assets.map(
  ({ path, type, bytes, gzip }) =>
    `{"${path}", "${type}", ${view(bytes)}, ${view(gzip)}, ${path.startsWith("/assets/")}},\n`,
);
writeFileSync(
  process.argv[2],
  `// Made by portal/web/embed.mjs from portal/web.

#include "portal/assets.hpp"

// Every compiler that builds this takes long literals; the standard asks for 65,536 bytes.
#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace stormdoor::portal {
namespace {

constexpr Asset kAssets[] = {
${rows.join("")}};

}  // namespace

std::span<const Asset> all_assets() { return kAssets; }

}  // namespace stormdoor::portal
`,
);

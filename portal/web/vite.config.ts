import { defineConfig } from "vitest/config";

// Everything ends up in dist/: one page, one script, one style sheet, fonts. Nothing is inlined, so that the
// content security policy can forbid inline script and style.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    sourcemap: false,
  },
  server: { proxy: { "/api": { target: process.env.STORMDOOR ?? "https://127.0.0.1:8443", secure: false } } },
  test: { include: ["test/unit/**/*.test.ts"], environment: "node" },
});

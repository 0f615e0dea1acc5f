import { defineConfig } from "vitest/config"

// Everything runs from source: one copy of the library, no build between an edit and its test. Else what Node.js itself would load.
const conditions = ["@umbel/source", "node"]
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "examples/**/test/**/*.test.ts",
      "interop/test/**/*.test.ts",
      "bench/test/**/*.test.ts",
    ],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    // What is waited for comes when it comes: a second would be a bound on the machine.
    expect: { poll: { timeout: 15_000 } },
  },
})

/** The files at the root of an umbrella, and what an application that stands alone shares with it. */
import type { Source } from "../project/checkout.ts"
import { type File, packageJson, tidyJson } from "../project/files.ts"

/** The tools of a project. */
export const DEVELOPMENT: readonly string[] = ["@biomejs/biome", "@types/node", "typescript", "vitest"]
export const ENGINES = { node: ">=20.19" }
export const scripts = (): Record<string, string> => ({
  start: "umbel up mono",
  test: "umbel test",
  check: "umbel check && biome check .",
  fix: "biome check --write .",
})

export function umbrellaFiles(name: string, source: Source): readonly File[] {
  return [
    {
      path: "package.json",
      content: packageJson({
        name,
        version: "0.1.0",
        private: true,
        type: "module",
        engines: ENGINES,
        workspaces: ["apps/*"],
        scripts: scripts(),
        dependencies: source(["@umbel/cli", "umbel"]),
        devDependencies: source(DEVELOPMENT),
      }),
    },
    { path: "umbel.config.ts", content: configFile([]) },
    {
      path: "tsconfig.json",
      content: tidyJson({ compilerOptions: COMPILER_OPTIONS, include: ["*.ts"], references: [] }),
    },
    { path: "biome.json", content: BIOME },
    { path: ".gitignore", content: IGNORED },
    { path: "README.md", content: readme(name) },
  ]
}

// The folder of whichever tsconfig.json extends these options: TypeScript puts it in.
const HERE = `\${configDir}`

/** Each application is a project of its own: `tsc -b` checks the changed ones, from declarations of the others. */
export const COMPILER_OPTIONS: Readonly<Record<string, unknown>> = {
  target: "ES2022",
  lib: ["ES2023", "ESNext.Disposable"],
  module: "NodeNext",
  moduleDetection: "force",
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  allowImportingTsExtensions: true,
  isolatedModules: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noFallthroughCasesInSwitch: true,
  skipLibCheck: true,
  composite: true,
  emitDeclarationOnly: true,
  rootDir: HERE,
  outDir: `${HERE}/dist`,
  tsBuildInfoFile: `${HERE}/dist/.tsbuildinfo`,
  types: ["node"],
}

export const configFile = (
  applications: readonly string[],
): string => `/** Which applications make a release, that is, what one node runs; and how many nodes of which release are deployed. */
import { defineUmbrella } from "@umbel/cli"

export default defineUmbrella({
  releases: {
    // Every application; \`umbel new\` adds what it makes.
    all: {
      applications: {${applications.length === 0 ? "" : `\n${applications.map((name) => `        ${name}: "permanent",\n`).join("")}      `}},
    },
  },
  deployments: {
    mono: { all: 1 },
  },
})
`

export const BIOME: string = tidyJson({
  vcs: { enabled: true, clientKind: "git", useIgnoreFile: true },
  formatter: { indentStyle: "space", indentWidth: 2, lineWidth: 120 },
  javascript: { formatter: { semicolons: "asNeeded", quoteStyle: "double" } },
})

export const IGNORED = `node_modules/
dist/
_build/
coverage/
.umbel/
*.log
`

const readme = (name: string): string => `# ${name}

An umbrella of applications on Umbel. Each lies in \`apps/\`; \`umbel.config.ts\` says which of them make a release.

\`\`\`sh
cd apps && umbel new a --sup   # a further application, with a supervision tree
umbel test                     # the tests of all of them
umbel check                    # who imports what, cycles, types
umbel graph                    # who needs whom
umbel up mono                  # all of them, in one node
\`\`\`
`

#!/usr/bin/env node
// The `umbel` command.
import * as nodeModule from "node:module"

const [major, minor] = process.versions.node.split(".").map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`umbel: Node.js 20.19 or newer is needed, this is ${process.versions.node}`)
  process.exit(1)
}
// Node.js 22 and newer keep what they compiled for the next start.
nodeModule.enableCompileCache?.()
// In the library's own checkout it also runs unbuilt, so that its tests do: node --conditions=@umbel/source bin/umbel.mjs
const source = process.execArgv.includes("--conditions=@umbel/source")
if (source) {
  process.setSourceMapsEnabled(true)
  ;(await import("tsx/esm/api")).register()
}
const { main } = await import(source ? "../src/main.ts" : "../dist/main.js")
await main(process.argv, { typescript: source })

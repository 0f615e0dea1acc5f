#!/usr/bin/env node
// The `umbel` command. Applications are TypeScript: tsx lets Node.js 20 load them as they are.
import { register } from "tsx/esm/api"

const [major, minor] = process.versions.node.split(".").map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`umbel: Node.js 20.19 or newer is needed, this is ${process.versions.node}`)
  process.exit(1)
}
process.setSourceMapsEnabled(true)
register()
// In the library's own checkout it also runs unbuilt, so that its tests do: node --conditions=@umbel/source bin/umbel.mjs
const source = process.execArgv.includes("--conditions=@umbel/source")
const { main } = await import(source ? "../src/main.ts" : "../dist/main.js")
await main(process.argv)

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
const { main } = await import("../dist/main.js")
await main(process.argv)

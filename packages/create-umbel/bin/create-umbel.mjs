#!/usr/bin/env node
// `npm create umbel NAME` is `umbel new NAME`, with all its options; without a name it asks for what it needs.
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline/promises"
import { pathToFileURL } from "node:url"

const cli = dirname(createRequire(import.meta.url).resolve("@umbel/cli/package.json"))
const given = process.argv.slice(2)
const asked = given.length === 0 && process.stdin.isTTY ? await ask() : given
if (asked !== undefined) {
  process.argv.splice(1, process.argv.length, join(cli, "bin", "umbel.mjs"), "new", ...asked)
  await import(pathToFileURL(process.argv[1]).href)
}

/** The arguments of `umbel new`, or undefined when the person has left (Ctrl-C, Ctrl-D). */
async function ask() {
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  const left = new Promise((resolve) => prompt.once("close", () => resolve(undefined)))
  /** @param {string} question */
  const answer = (question) => Promise.race([prompt.question(question), left])
  try {
    const name = await answer("What is it called? (my_app) ")
    if (name === undefined) return leave()
    const umbrella = await answer("An umbrella, for several applications? (y/N) ")
    if (umbrella === undefined) return leave()
    const path = name.trim() || "my_app"
    return /^y/i.test(umbrella.trim()) ? [path, "--umbrella"] : [path, "--sup"]
  } finally {
    prompt.close()
  }
}

function leave() {
  process.exitCode = 130
  return undefined
}

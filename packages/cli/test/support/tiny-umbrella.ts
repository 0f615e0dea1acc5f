/**
 * An umbrella of one application, `shop`, written by hand: enough to build releases of, without npm. It is linked to this checkout.
 *
 * `shop` serves one name, counts, answers from a file beside it and from a package in CommonJS, and ends when it is told to.
 */
import { mkdir, mkdtemp, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { CHECKOUT } from "./umbel.ts"

const FILES: Readonly<Record<string, string>> = {
  "package.json": `{ "name": "tiny", "version": "1.2.3", "type": "module", "workspaces": ["apps/*"] }`,
  "umbel.config.ts": `export default {
    releases: { shop: { applications: { shop: "permanent" } }, calm: { applications: { shop: "temporary" } } },
    config: { shop: { greeting: "from umbel.config.ts" } },
  }\n`,
  "apps/shop/package.json": `{ "name": "@tiny/shop", "type": "module", "exports": "./src/index.ts", "dependencies": { "umbel": "*", "plain": "*", "reads-itself": "*" } }`,
  "apps/shop/src/index.ts": `import { name } from "umbel"\nimport type { stores } from "./stores.ts"\nexport const SHOP = name<typeof stores>("shop")\n`,
  "apps/shop/assets/hello.txt": "an asset\n",
  "apps/shop/src/stores.ts": `import { readFileSync } from "node:fs"
import { genServer } from "umbel"
import plain from "plain"
import itself from "reads-itself"
export const stores = genServer("shop.stores", {
  init: (config: object) => ({ config }),
  calls: {
    config: ({ state }) => state.config,
    asset: () => readFileSync(new URL("../assets/hello.txt", import.meta.url), "utf8"),
    packages: () => [plain(), itself()],
    end: (self) => self.exit("enough"),
    where: () => new Error("here").stack,
  },
})\n`,
  "apps/shop/src/application.ts": `import { application, child, supervisor } from "umbel"
import { SHOP } from "./index.ts"
import { stores } from "./stores.ts"
export default application({
  name: "shop",
  config: { greeting: "default", port: 0, secret: "none" },
  start: (config) => supervisor("shop.supervisor", { intensity: 0, children: [child(stores, { arg: config, name: SHOP })] }),
})\n`,
  "node_modules/plain/package.json": `{ "name": "plain", "version": "1.0.0", "main": "index.cjs" }`,
  "node_modules/plain/index.cjs": `const { sep } = require("path")\nmodule.exports = () => "plain " + sep.length\n`,
  "node_modules/reads-itself/package.json": `{ "name": "reads-itself", "version": "1.0.0", "main": "index.cjs", "dependencies": { "plain": "1.0.0" } }`,
  "node_modules/reads-itself/index.cjs": `const { readFileSync } = require("fs")\nconst plain = require("plain")\nmodule.exports = () => readFileSync(__dirname + "/own.txt", "utf8").trim() + " " + plain()\n`,
  "node_modules/reads-itself/own.txt": "its own file\n",
}

/** The folder, which is the caller's to remove. */
export async function tinyUmbrella(more: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "umbel-tiny-"))
  for (const [path, text] of Object.entries({ ...FILES, ...more })) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  await symlink(join(CHECKOUT, "packages", "umbel"), join(root, "node_modules", "umbel"))
  await mkdir(join(root, "node_modules", "@umbel"))
  await symlink(join(CHECKOUT, "packages", "cli"), join(root, "node_modules", "@umbel", "cli"))
  return root
}

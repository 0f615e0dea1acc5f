/** `umbel release`, and what it builds: run elsewhere, asked, misconfigured, drained and stopped. */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { chmod, cp, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { freePort } from "../../../interop/support/ports.ts"
import { tinyUmbrella } from "./support/tiny-umbrella.ts"
import { type Ended, run, umbel } from "./support/umbel.ts"

vi.setConfig({ testTimeout: 170_000 })

const RUNTIME = `import { defineRuntime } from "@umbel/cli"
export default defineRuntime(({ env }) => ({
  config: { shop: () => ({ port: env.integer("PORT", 1), secret: env.text("SECRET") }) },
}))
`

describe("a release", () => {
  let root = ""
  let elsewhere = ""
  let bin = ""
  let epmd = ""
  const started: ChildProcess[] = []

  beforeAll(async () => {
    root = await tinyUmbrella({ "runtime.config.ts": RUNTIME })
    const { code, out, err } = await umbel(root, "release", "shop", "--no-observer")
    expect(err).toBe("")
    expect(out).toContain("* built shop 1.2.3 in _build/shop")
    expect(out).toContain("* copied as they are plain, reads-itself: ")
    expect(code).toBe(0)
    // What runs has the umbrella, and its node_modules, nowhere near.
    elsewhere = await mkdtemp(join(tmpdir(), "umbel-released-"))
    await cp(join(root, "_build", "shop"), join(elsewhere, "shop"), { recursive: true })
    bin = join(elsewhere, "shop", "bin", "shop")
    epmd = String(await freePort())
  }, 170_000)
  afterEach(async () => {
    await ask("stop")
    for (const child of started.splice(0)) if (child.exitCode === null) child.kill("SIGKILL")
  })
  afterAll(async () => {
    await rm(root, { recursive: true, force: true })
    await rm(elsewhere, { recursive: true, force: true })
  })

  type Env = Readonly<Record<string, string>>
  const wait = (env: Env, ...args: readonly string[]): Promise<Ended> =>
    run(
      elsewhere,
      "env",
      `ERL_EPMD_PORT=${epmd}`,
      ...Object.entries(env).map(([key, value]) => `${key}=${value}`),
      bin,
      ...args,
    )
  const ask = (...args: readonly string[]): Promise<Ended> => wait({ SECRET: "s" }, ...args)

  /** In the foreground, with what it printed and how it ended. */
  function start(
    env: Env,
    ...args: readonly string[]
  ): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
    const child = spawn(bin, ["start", ...args], {
      env: { ...process.env, ERL_EPMD_PORT: epmd, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    })
    started.push(child)
    let out = ""
    let err = ""
    child.stdout.on("data", (text) => (out += text))
    child.stderr.on("data", (text) => (err += text))
    return { child, ended: new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err }))) }
  }

  test("has its parts where they belong, and its cookie for the owner only", async () => {
    const about = JSON.parse(await readFile(join(elsewhere, "shop", "releases", "release.json"), "utf8")) as object
    expect(about).toMatchObject({ name: "shop", version: "1.2.3", applications: { shop: "permanent" } })
    expect((await stat(join(root, "_build", "shop", "releases", "COOKIE"))).mode & 0o777).toBe(0o600)
    expect(existsSync(join(elsewhere, "shop", "lib", "node_modules", "umbel"))).toBe(false)
    expect(await readFile(join(elsewhere, "shop", "lib", "main.mjs"), "utf8")).not.toContain(root)
    expect(await readFile(join(elsewhere, "shop", "lib", "main.mjs.map"), "utf8")).not.toContain(root)
  })

  test("runs as a daemon with nothing but Node.js, answers, restarts and stops; packages and assets are where they were left", async () => {
    expect((await ask("health")).code).toBe(69)
    const daemon = await ask("daemon")
    expect(daemon.out, daemon.err).toContain("shop@127.0.0.1 runs (pid ")
    const { out } = await ask("health", "--json")
    expect(JSON.parse(out)).toMatchObject({
      release: "shop",
      version: "1.2.3",
      state: "running",
      ready: true,
      daemon: true,
    })
    expect((await ask("ready")).out).toBe("ready\n")
    expect((await ask("rpc", "node.call(shop.SHOP).asset()")).out).toBe('"an asset\\n"\n')
    expect((await ask("rpc", "node.call(shop.SHOP).packages()")).out).toBe("[ 'plain 1', 'its own file plain 1' ]\n")
    // Stacks show the source, by its path in the umbrella.
    expect((await ask("rpc", "node.call(shop.SHOP).where()")).out).toContain("/apps/shop/src/stores.ts:12:")
    expect((await ask("rpc", "const x = 20; return x + 1")).out).toBe("21\n")
    const thrown = await ask("rpc", "shop.nosuch.x")
    expect(thrown).toMatchObject({ code: 1, out: "" })
    expect(thrown.err).toContain("TypeError")
    // At the prompt too, line by line, as they come.
    const lines = "kept.x = [1,\\n2]\\nnosuch\\nawait node.call(shop.SHOP).packages()\\nkept.x.length\\n"
    const prompt = await run(elsewhere, "sh", "-c", `printf '${lines}' | ERL_EPMD_PORT=${epmd} ${bin} remote`)
    expect(prompt.err).toBe("")
    expect(prompt.out).toMatch(/\[ 1, 2 \]\n.*ReferenceError: nosuch[^\n]*\n.*'plain 1'.*\n.*2\n/)
    const pid = (await ask("pid")).out
    expect((await ask("daemon")).err).toContain("shop@127.0.0.1 runs already here")
    expect((await ask("restart")).code).toBe(0)
    expect((await ask("pid")).out).not.toBe(pid)
    expect(await ask("stop")).toMatchObject({ code: 0, err: "" })
    expect((await ask("pid")).code).toBe(69)
  })

  test("eval runs code without starting anything; version and help need no environment", async () => {
    expect((await ask("eval", "String(shop.SHOP)")).out).toContain("shop")
    expect((await wait({}, "version")).out).toBe("shop 1.2.3\n")
    expect((await wait({}, "help")).out).toContain("drain [SECONDS]")
    expect(await ask("nosuch")).toMatchObject({
      code: 1,
      err: "shop: there is no nosuch; bin/shop help says what there is\n",
    })
  })

  test("reads configuration at boot: umbel.config.ts, then runtime.config.ts, then $UMBEL_CONFIG, then --set", async () => {
    const { child, ended } = start(
      { SECRET: "hush", PORT: "8080", UMBEL_CONFIG: `{"shop":{"greeting":"from the environment"}}` },
      "--set",
      "shop.port=9",
    )
    expect((await ask("ready", "--wait", "60")).code).toBe(0)
    expect((await ask("rpc", "node.call(shop.SHOP).config()")).out).toBe(
      "{ greeting: 'from the environment', port: 9, secret: 'hush' }\n",
    )
    child.kill("SIGTERM")
    expect(await ended).toMatchObject({ code: 0, err: "" })
  })

  test("a wrong configuration is one sentence and exit code 1", async () => {
    const sentence = async (env: Env, ...args: readonly string[]): Promise<string> => {
      const { code, out, err } = await start(env, ...args).ended
      expect(out).toBe("")
      expect(code).toBe(1)
      expect(err.trim().split("\n")).toHaveLength(1)
      return err
    }
    expect(await sentence({})).toBe(
      "shop: configuration $SECRET: it is not set and has no default; set it in the environment to a text\n",
    )
    expect(await sentence({ SECRET: "s", PORT: "many" })).toContain("$PORT: expected a whole number")
    expect(await sentence({ SECRET: "s", UMBEL_CONFIG: "{" })).toContain("$UMBEL_CONFIG: expected a JSON object")
    expect(await sentence({ SECRET: "s" }, "--set", "shop.nosuch=1")).toContain("shop.nosuch: there is no such key")
    expect(await sentence({ SECRET: "s", UMBEL_NODE: "nohost" })).toContain("a node is called name@host")
    const cookie = join(elsewhere, "shop", "releases", "COOKIE")
    await chmod(cookie, 0o644)
    expect(await sentence({ SECRET: "s" })).toContain("others may read it: chmod 600")
    await chmod(cookie, 0o600)
    expect(await sentence({ SECRET: "s", UMBEL_COOKIE: "has blanks" })).toContain("$UMBEL_COOKIE holds none")
  })

  test("drains when it is told: probes over HTTP see it, and work goes on; then it stops with exit code 0", async () => {
    const port = await freePort()
    const { child, ended } = start({ SECRET: "s", UMBEL_HEALTH: String(port) })
    expect((await ask("ready", "--wait", "60")).code).toBe(0)
    const probe = async (path: string): Promise<number> => (await fetch(`http://127.0.0.1:${port}${path}`)).status
    expect([await probe("/health"), await probe("/ready"), await probe("/nosuch")]).toEqual([200, 200, 404])
    expect((await ask("drain", "0")).code).toBe(0)
    expect([await probe("/health"), await probe("/ready")]).toEqual([200, 503])
    expect(await ask("ready")).toMatchObject({ code: 1, err: "shop: it is not ready: draining\n" })
    expect((await ask("rpc", "node.call(shop.SHOP).packages()")).code).toBe(0)
    // Whoever ends it or begins it elsewhere, as the observer does, is seen here.
    await ask("rpc", "umbel.Drain.end(node)")
    expect(await probe("/ready")).toBe(200)
    await ask("rpc", "umbel.Drain.begin(node)")
    expect(await probe("/ready")).toBe(503)
    child.kill("SIGTERM")
    expect((await ended).code).toBe(0)
  })

  test("the end of a permanent application ends the node with exit code 1; of a temporary one it does not", async () => {
    const { ended } = start({ SECRET: "s" })
    expect((await ask("ready", "--wait", "60")).code).toBe(0)
    await ask("rpc", "node.call(shop.SHOP).end().catch(() => {})")
    const { code, err } = await ended
    expect(err).toContain("shop: shop has ended, and with it this node")
    expect(code).toBe(1)

    expect((await umbel(root, "release", "calm", "--no-observer")).code).toBe(0)
    bin = join(root, "_build", "calm", "bin", "calm")
    try {
      const calm = start({ SECRET: "s" })
      expect((await ask("ready", "--wait", "60")).code).toBe(0)
      await ask("rpc", "node.call(shop.SHOP).end().catch(() => {})")
      await expect
        .poll(async () => (await ask("health")).out, { timeout: 60_000 })
        .toContain("ended    shop (temporary)")
      expect(await ask("stop")).toMatchObject({ code: 0 })
      expect((await calm.ended).code).toBe(0)
    } finally {
      bin = join(elsewhere, "shop", "bin", "shop")
    }
  })
})

describe("umbel release", () => {
  let root = ""
  beforeAll(async () => {
    root = await tinyUmbrella()
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  test("of the same code in another folder makes the same tar file, byte by byte, without the cookie", async () => {
    const other = await tinyUmbrella()
    const pack = async (folder: string): Promise<Buffer> => {
      const { code, err } = await umbel(folder, "release", "shop", "--tar")
      expect(err).toBe("")
      expect(code).toBe(0)
      return readFile(join(folder, "_build", "shop-1.2.3.tar.gz"))
    }
    const [one, two] = [await pack(root), await pack(other)]
    expect(one.equals(two)).toBe(true)
    const list = await run(root, "tar", "-tvzf", "_build/shop-1.2.3.tar.gz")
    expect(list.err).toBe("")
    expect(list.out).toMatch(/-rwxr-xr-x .* shop\/bin\/shop\n/)
    expect(list.out).toMatch(/shop\/assets\/page-[0-9a-f]{8}\/index\.html/)
    expect(list.out).not.toContain("COOKIE")
    await rm(other, { recursive: true })
  })

  test("--verify starts it and asks it; exit code 5 with its own words when it does not run", async () => {
    const good = await umbel(root, "release", "shop", "--no-observer", "--verify", "--json")
    expect(good.code, good.out + good.err).toBe(0)
    expect(JSON.parse(good.out)).toMatchObject([
      { name: "shop", changed: expect.any(Array) as unknown, verified: { ok: true } },
    ])
    const broken = await tinyUmbrella({ "runtime.config.ts": RUNTIME })
    const bad = await umbel(broken, "release", "shop", "--no-observer", "--verify")
    expect(bad.out).toContain("configuration $SECRET: it is not set")
    expect(bad.code).toBe(5)
    await rm(broken, { recursive: true })
  })

  test("writes a Dockerfile, a unit and manifests once, and leaves those that were edited alone", async () => {
    const options = ["--no-observer", "--docker", "--systemd", "--kubernetes"]
    const { out } = await umbel(root, "release", "shop", ...options)
    for (const file of ["Dockerfile.shop", "Dockerfile.shop.dockerignore", "deploy/shop.service", "deploy/shop.yaml"]) {
      expect(out).toContain(`* creating ${file}\n`)
    }
    expect(await readFile(join(root, "Dockerfile.shop"), "utf8")).toContain("STOPSIGNAL SIGTERM")
    await writeFile(join(root, "deploy", "shop.yaml"), "# mine\n")
    const again = await umbel(root, "release", "shop", ...options)
    expect(again.out).toContain("* left deploy/shop.yaml, which was edited")
    expect(again.out).not.toContain("* creating")
    expect(await readFile(join(root, "deploy", "shop.yaml"), "utf8")).toBe("# mine\n")
  })

  test("keeps the cookie of a release that is built again, and refuses a folder that is none", async () => {
    const cookie = join(root, "_build", "shop", "releases", "COOKIE")
    await writeFile(cookie, "mine\n", { mode: 0o600 })
    expect((await umbel(root, "release", "shop", "--no-observer")).code).toBe(0)
    expect(await readFile(cookie, "utf8")).toBe("mine\n")
    const refused = await umbel(root, "release", "shop", "--path", "apps")
    expect(refused).toMatchObject({ code: 1, out: "" })
    expect(refused.err).toContain("apps exists, and is no release")
  })

  test("refuses in a sentence what cannot be built", async () => {
    const sentence = async (...args: readonly string[]): Promise<string> => {
      const { code, out, err } = await umbel(root, "release", ...args)
      expect(out).toBe("")
      expect(code).toBe(1)
      expect(err.trim().split("\n"), err).toHaveLength(2)
      return err
    }
    expect(await sentence()).toContain("which release?")
    expect(await sentence("nosuch")).toContain("there is no release nosuch")
    const config = join(root, "umbel.config.ts")
    const before = await readFile(config, "utf8")
    await writeFile(
      config,
      `export default { releases: { shop: { applications: { shop: "permanent" } } }, config: { shop: { hook: () => 1 } } }`,
    )
    expect(await sentence("shop")).toContain("config.shop.hook in umbel.config.ts is no data (function)")
    await writeFile(config, `export default { releases: { shop: { applications: { zzz: "permanent" } } } }`)
    expect(await sentence("shop")).toContain("has an application zzz that does not exist")
    await writeFile(config, before)
    const index = join(root, "apps", "shop", "src", "index.ts")
    const code = await readFile(index, "utf8")
    await writeFile(index, `import "nosuch-package"\n${code}`)
    expect(await sentence("shop")).toContain(
      'apps/shop/src/index.ts:1 does not build: Could not resolve "nosuch-package"',
    )
    // What was built before is still there, and whole.
    expect(existsSync(join(root, "_build", "shop", "bin", "shop"))).toBe(true)
    await writeFile(index, code)
  })
})

/** `umbel config`: what the applications are configured with, and which layer said so; secrets are covered. */
import { type Application, ConfigError } from "umbel"
import { redact } from "umbel/otp"
import { type Layer, layered, layersOf } from "../layers.ts"
import { paint, say } from "../project/files.ts"
import { table } from "../remote/table.ts"
import { findRoot, list, loadApplication, loadUmbrella } from "../umbrella.ts"
import { UsageError } from "../usage-error.ts"

export interface ConfigOptions {
  readonly explain?: string
  readonly app?: string
  readonly release?: string
  readonly set: readonly string[]
  readonly json?: boolean
}

interface Value {
  /** `web.port` */
  readonly key: string
  readonly value: unknown
  readonly from: string
  /** What each layer says, the lowest first; those that say nothing are left out. */
  readonly said: readonly { readonly from: string; readonly value: unknown }[]
}

export async function config(options: ConfigOptions): Promise<void> {
  const root = findRoot(process.cwd())
  const umbrella = await loadUmbrella(root)
  const release = options.release ?? Object.keys(umbrella.releases)[0] ?? ""
  const { layers } = await layersOf({ root, umbrella, release, env: process.env, set: options.set }).catch(mistake)
  const names = Object.keys(umbrella.releases[release]!.applications)
  const wanted = options.app ?? options.explain?.split(".")[0]
  if (wanted !== undefined && !names.includes(wanted)) {
    throw new UsageError(
      `the release ${release} has no application ${wanted}`,
      `${list("applications", umbrella.releases[release]!.applications)}; --release says another`,
    )
  }
  const values: Value[] = []
  for (const name of wanted === undefined ? names : [wanted]) {
    values.push(...(await valuesOf(await loadApplication(root, name), layers).catch(mistake)))
  }
  const shown = options.explain === undefined ? values : matching(values, options.explain)
  if (options.json === true) return say(JSON.stringify(shown, null, 2))
  if (options.explain !== undefined) return explain(shown)
  if (shown.length === 0) return say("nothing is configured")
  const [titles = "", ...lines] = table<Value>(
    [
      { title: "KEY", of: ({ key }) => key },
      { title: "VALUE", of: ({ value }) => text(value) },
      { title: "FROM", of: ({ from }) => from },
    ],
    shown,
  )
  say(paint("bold", titles))
  for (const line of lines) say(line)
}

function mistake(error: unknown): never {
  if (error instanceof ConfigError)
    throw new UsageError(
      error.message,
      "the layers are, lowest first: the application, umbel.config.ts, runtime.config.ts, $UMBEL_CONFIG, --set",
    )
  throw error
}

/** @throws UsageError naming the keys there are */
function matching(values: readonly Value[], key: string): readonly Value[] {
  const found = values.filter((value) => value.key === key || value.key.startsWith(`${key}.`))
  if (found.length > 0) return found
  throw new UsageError(
    `nothing is configured as ${key}`,
    `keys: ${values.map((value) => value.key).join(", ") || "none"}`,
  )
}

function explain(values: readonly Value[]): void {
  for (const { key, value, from, said } of values) {
    say(`${paint("bold", key)} is ${text(value)}, by ${paint("cyan", from)}`)
    for (const one of [...said].reverse()) {
      say(
        `    ${one.from === from ? paint("green", "→") : " "} ${one.from.padEnd(17)} ${paint(one.from === from ? "green" : "dim", text(one.value))}`,
      )
    }
  }
}

/** What the library keeps of an application's definition. */
interface Loaded {
  readonly spec: { readonly config?: object }
  config(): Promise<object>
}

async function valuesOf(application: Application, layers: readonly Layer[]): Promise<readonly Value[]> {
  const { name } = application
  const { spec } = application as unknown as Loaded
  // A schema tells its defaults by what it makes of the whole.
  const schema = spec.config !== undefined && "~standard" in spec.config
  const effective = await (layered(application, layers) as unknown as Loaded).config()
  const all = [{ from: "the application", config: { [name]: schema ? {} : (spec.config ?? {}) } }, ...layers]
  return leaves(effective, name).map(({ key, path, value }) => {
    const said = all.flatMap(({ from, config }) => {
      const found = at((config as Record<string, unknown>)[name], path)
      return found === undefined ? [] : [{ from, value: covered(key, found) }]
    })
    return { key, value: covered(key, value), from: said.at(-1)?.from ?? "the application", said }
  })
}

interface Leaf {
  readonly key: string
  readonly path: readonly string[]
  readonly value: unknown
}

function leaves(value: unknown, key: string, path: readonly string[] = []): readonly Leaf[] {
  const plain = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  if (!plain || Object.keys(value).length === 0) return path.length === 0 ? [] : [{ key, path, value }]
  return Object.entries(value).flatMap(([name, item]) => leaves(item, `${key}.${name}`, [...path, name]))
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (one, key) => (typeof one === "object" && one !== null ? (one as Record<string, unknown>)[key] : undefined),
    value,
  )

/** As reports cover it: by the words in the key. */
const covered = (key: string, value: unknown): unknown =>
  key.split(".").reduce((one, part) => (redact({ [part]: one }) as Record<string, unknown>)[part], value)

const text = (value: unknown): string =>
  value === undefined
    ? "undefined"
    : typeof value === "function"
      ? "a function"
      : (JSON.stringify(value) ?? String(value))

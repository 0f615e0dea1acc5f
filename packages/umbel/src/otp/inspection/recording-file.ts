/**
 * Recordings as a file, to be looked at elsewhere or later: JSON, checked when it is read.
 *
 * ```ts
 * const text = recordingFile([await inspector.recording(0)])
 * const recordings = readRecordingFile(text)
 * ```
 *
 * Whatever the file is, reading it gives recordings of the right shape or throws {@link NotARecording}, which says where it is wrong.
 */
import { SAMPLE_FIELDS } from "./sample-ring.ts"
import type { ApplicationSample, RecordedEvent, Recording, Sample } from "./says/recording.ts"

/** The text is no file of recordings. */
export class NotARecording extends Error {
  override readonly name = "NotARecording"
  constructor(where: string, expected: string) {
    super(`not a recording: ${where} should be ${expected}; export one from the observer's recorder page`)
  }
}

/** Characters of a file, and nodes in it. */
const SIZE_MAX = 64 * 2 ** 20
const NODES_MAX = 256
const ROWS_MAX = 200_000
const KINDS: ReadonlySet<unknown> = new Set([
  "boot",
  "crash",
  "restart",
  "give-up",
  "long-handler",
  "warning",
  "error",
  "node-up",
  "node-down",
  "application",
  "action",
])

/** One file for the recordings of several nodes. */
export function recordingFile(recordings: readonly Recording[]): string {
  return JSON.stringify({ format: "umbel-recordings", version: 1, recordings })
}

/** @throws NotARecording */
export function readRecordingFile(text: string): Recording[] {
  if (text.length > SIZE_MAX) throw new NotARecording("the file", `at most ${SIZE_MAX} characters`)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (thrown) {
    throw new NotARecording("the file", `JSON (${thrown instanceof Error ? thrown.message : String(thrown)})`)
  }
  const file = record(parsed, "the file")
  if (file["format"] !== "umbel-recordings") throw new NotARecording("format", '"umbel-recordings"')
  if (file["version"] !== 1) throw new NotARecording("version", "1")
  return list(file["recordings"], "recordings", NODES_MAX, recordingAt)
}

function recordingAt(value: unknown, where: string): Recording {
  const given = record(value, where)
  return {
    format: "umbel-recording",
    version: 1,
    node: text(given["node"], `${where}.node`),
    bootedAt: number(given["bootedAt"], `${where}.bootedAt`),
    at: number(given["at"], `${where}.at`),
    samples: list(given["samples"], `${where}.samples`, ROWS_MAX, sampleAt),
    applications: list(given["applications"], `${where}.applications`, ROWS_MAX, applicationAt),
    events: list(given["events"], `${where}.events`, ROWS_MAX, eventAt),
  }
}

function sampleAt(value: unknown, where: string): Sample {
  const given = record(value, where)
  const sample: Record<string, number> = { at: number(given["at"], `${where}.at`) }
  for (const field of SAMPLE_FIELDS) sample[field] = number(given[field], `${where}.${field}`)
  return sample as unknown as Sample
}

function applicationAt(value: unknown, where: string): ApplicationSample {
  const given = record(value, where)
  const field = (name: string): number => number(given[name], `${where}.${name}`)
  return {
    at: field("at"),
    application: text(given["application"], `${where}.application`),
    processes: field("processes"),
    mailbox: field("mailbox"),
    handledRate: field("handledRate"),
    cpuRate: field("cpuRate"),
  }
}

function eventAt(value: unknown, where: string): RecordedEvent {
  const given = record(value, where)
  if (!KINDS.has(given["kind"])) throw new NotARecording(`${where}.kind`, [...KINDS].join(" or "))
  return {
    at: number(given["at"], `${where}.at`),
    kind: given["kind"] as RecordedEvent["kind"],
    text: text(given["text"], `${where}.text`),
    pid: given["pid"] === undefined ? undefined : text(given["pid"], `${where}.pid`),
  }
}

function record(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new NotARecording(where, "an object")
  return value as Readonly<Record<string, unknown>>
}
function list<T>(value: unknown, where: string, max: number, read: (value: unknown, where: string) => T): T[] {
  if (!Array.isArray(value) || value.length > max) throw new NotARecording(where, `a list of at most ${max}`)
  return value.map((item, index) => read(item, `${where}[${index}]`))
}
function number(value: unknown, where: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new NotARecording(where, "a number")
  return value
}
function text(value: unknown, where: string): string {
  if (typeof value !== "string") throw new NotARecording(where, "a text")
  return value
}

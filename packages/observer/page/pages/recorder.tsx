/** The flight recorder of a node: its last hours, with a slider over time; as a file, and from one. */
import { useState } from "preact/hooks"
import {
  NotARecording,
  RECORDED_EVENTS_MAX,
  RECORDER_RINGS,
  RECORDER_RINGS_BYTES,
  RECORDER_ROWS,
  RECORDER_SCENES,
  type Recording,
  readRecordingFile,
  recordingFile,
  type Sample,
} from "umbel/otp"
import type { ChartView } from "../../src/facts.ts"
import { bytes, clock, counted, duration, milliseconds, percent, short } from "../model/format.ts"
import { momentOf } from "../model/route.ts"
import { useWatch } from "../use-live.ts"
import { Empty, Figure, NodeName } from "../views/bits.tsx"
import { Chart } from "../views/chart.tsx"
import { RecordedEvents } from "../views/recorded-events.tsx"
import { Shown } from "../views/state.tsx"
import type { Series } from "../views/use-series.ts"
import type { Page, PageProps } from "./page.ts"

export const recorderPage: Page = {
  id: "recorder",
  title: "Recorder",
  scope: "node",
  letter: "h",
  icon: "M8 2a6 6 0 1 0 .01 0M8 5v3l2 2",
  needs: "recording",
  View: RecorderPage,
}

/** Milliseconds around the moment of the slider in which events are shown. */
const AROUND_MS = 60_000
const EVENTS_SHOWN = 40

function RecorderPage({ node, route }: PageProps) {
  const [file, setFile] = useState<readonly Recording[] | null>(null)
  const [complaint, setComplaint] = useState("")
  const watched = useWatch("recording", node === null || file !== null ? null : { node: node.name })
  const read = async (given: File | undefined): Promise<void> => {
    if (given === undefined) return
    try {
      setFile(readRecordingFile(await given.text()))
      setComplaint("")
    } catch (thrown) {
      if (!(thrown instanceof NotARecording)) throw thrown
      setComplaint(thrown.message)
    }
  }
  return (
    <div class="page broad">
      <header class="page-head">
        <h1>Recorder</h1>
        <p>what the node was like over the last two days, kept whether anybody looks or not</p>
      </header>
      <div class="filters">
        <label class="act">
          Open a file …
          <input
            class="hidden"
            type="file"
            accept="application/json"
            aria-label="A file of recordings"
            onChange={(event) => {
              void read(event.currentTarget.files?.[0])
              // So that the same file, saved anew, can be chosen again.
              event.currentTarget.value = ""
            }}
          />
        </label>
        {file !== null && (
          <button type="button" class="act" onClick={() => setFile(null)}>
            Back to the node
          </button>
        )}
      </div>
      {complaint !== "" && (
        <p class="banner" role="alert">
          {complaint}
        </p>
      )}
      {file === null ? (
        <>
          <Shown of={watched}>{({ recording }) => <One recording={recording} at={momentOf(route)} />}</Shown>
          <p class="muted small">{BOUND}</p>
        </>
      ) : (
        file.map((recording) => <One key={`${recording.node} ${recording.at}`} recording={recording} />)
      )}
    </div>
  )
}

const BOUND = `A node keeps a sample every ${RECORDER_RINGS.map(
  ({ everyMs, forMs }) => `${duration(everyMs)} for ${duration(forMs)}`,
).join(
  ", every ",
)}, and the latest ${RECORDED_EVENTS_MAX} events: ${bytes(RECORDER_RINGS_BYTES)} for its samples, and never more. For looking back from other pages it keeps scenes, every ${duration(
  RECORDER_SCENES.everyMs,
)} for ${duration(RECORDER_SCENES.forMs)}: ${RECORDER_SCENES.boxes} boxes of its trees and the ${RECORDER_ROWS} processes that stood out by each of CPU, messages and mailbox, in ${bytes(RECORDER_SCENES.bytesMax)} at most.`

/** `at` is the moment that the whole page looks at; without one it has a slider of its own. */
function One({ recording, at = null }: { recording: Recording; at?: number | null }) {
  const { node, samples, events } = recording
  const [chosen, setPlace] = useState<number | null>(null)
  const last = samples.length - 1
  const place = at === null ? chosen : samples.findLastIndex((sample) => sample.at <= at)
  if (place === -1)
    return <Empty title="Not recorded">The recorder of {node} does not reach back to that moment.</Empty>
  const sample = samples[Math.min(place ?? last, last)]
  if (sample === undefined)
    return <Empty title="Nothing recorded yet">The first sample comes a second after the boot.</Empty>
  const near = events.filter(({ at }) => place === null || Math.abs(at - sample.at) <= AROUND_MS).slice(-EVENTS_SHOWN)
  return (
    <section class="recording">
      <h2>
        <NodeName name={node} />{" "}
        <small class="muted">
          {counted(samples.length, "sample")} since {clock(samples[0]!.at)}
        </small>
      </h2>
      <div class="slider">
        {at === null && (
          <input
            type="range"
            aria-label="Time"
            min={0}
            max={last}
            value={place ?? last}
            onInput={(event) => {
              const value = Number(event.currentTarget.value)
              setPlace(value >= last ? null : value)
            }}
          />
        )}
        <output>{place === null ? `now, ${clock(sample.at)}` : clock(sample.at)}</output>
        <button type="button" class="act" onClick={() => save(recording)}>
          Save as a file
        </button>
      </div>
      <Moment sample={sample} />
      <div class="charts">
        {CHARTS.map((chart) => (
          <Chart
            key={chart.key}
            chart={chartOf(chart, sample)}
            series={seriesOf(samples.slice(0, (place ?? last) + 1))}
          />
        ))}
      </div>
      <h3>{place === null ? "What happened" : "What happened around then"}</h3>
      {near.length === 0 ? <p class="muted">Nothing worth a line.</p> : <RecordedEvents events={near} />}
    </section>
  )
}

function Moment({ sample }: { sample: Sample }) {
  return (
    <dl class="figures">
      <Figure label="processes" value={short(sample.processes)} />
      <Figure label="heap" value={bytes(sample.heapUsed)} />
      <Figure label="loop" value={percent(sample.loopUtilisation)} tone={sample.loopUtilisation > 0.8 ? "poppy" : ""} />
      <Figure label="delay p99" value={milliseconds(sample.delayP99)} />
      <Figure label="messages/s" value={short(sample.messagesRate)} />
      <Figure label="GC" value={milliseconds(sample.gcMs)} />
      <Figure label="crashes" value={String(sample.crashes)} tone={sample.crashes > 0 ? "poppy" : ""} />
      <Figure label="nodes" value={String(sample.connected)} />
    </dl>
  )
}

type Drawn = Exclude<keyof Sample, "at">
interface Plan {
  readonly key: string
  readonly title: string
  readonly unit: ChartView["unit"]
  readonly max: number | null
  readonly lines: readonly { readonly key: Drawn; readonly label: string }[]
}
const CHARTS: readonly Plan[] = [
  {
    key: "loop",
    title: "Event loop",
    unit: "share",
    max: 1,
    lines: [
      { key: "loopUtilisation", label: "busy" },
      { key: "cpuShare", label: "CPU" },
    ],
  },
  {
    key: "delay",
    title: "Delay",
    unit: "ms",
    max: null,
    lines: [
      { key: "delayP99", label: "p99" },
      { key: "delayMax", label: "worst" },
      { key: "gcMs", label: "GC" },
    ],
  },
  {
    key: "memory",
    title: "Memory",
    unit: "bytes",
    max: null,
    lines: [
      { key: "rss", label: "all" },
      { key: "heapUsed", label: "heap" },
    ],
  },
  {
    key: "messages",
    title: "Messages a second",
    unit: "rate",
    max: null,
    lines: [{ key: "messagesRate", label: "handled" }],
  },
] as unknown as readonly Plan[]

const chartOf = ({ key, title, unit, max, lines }: Plan, sample: Sample): ChartView =>
  ({ key, title, unit, max, lines: lines.map((line) => ({ ...line, value: sample[line.key] })) }) as ChartView

function seriesOf(samples: readonly Sample[]): ReadonlyMap<string, Series> {
  const at = samples.map((sample) => sample.at / 1000)
  return new Map(
    CHARTS.map(({ key, lines }) => [
      key,
      { at, lines: new Map(lines.map((line) => [line.key as string, samples.map((sample) => sample[line.key])])) },
    ]),
  )
}

function save(recording: Recording): void {
  const link = document.createElement("a")
  const url = URL.createObjectURL(new Blob([recordingFile([recording])], { type: "application/json" }))
  link.href = url
  link.download = `${recording.node.replace(/[^\w.@-]/g, "_")}-${new Date(recording.at).toISOString().slice(0, 19).replaceAll(":", "")}.umbel.json`
  link.click()
  URL.revokeObjectURL(url)
}

/** Where a node's time goes: a flame graph, and whose turn it was. */
import { useState } from "preact/hooks"
import type { FlameNode } from "umbel/otp"
import type { ProfileData } from "../../src/views/profile.ts"
import { flameBoxes } from "../model/flame.ts"
import { counted, milliseconds, percent } from "../model/format.ts"
import { useNavigation } from "../navigation.ts"
import { useWatch } from "../use-live.ts"
import { Empty } from "../views/bits.tsx"
import { Shown } from "../views/state.tsx"
import { type Column, Table } from "../views/table.tsx"
import type { Page, PageProps } from "./page.ts"

export const profilePage: Page = {
  id: "profile",
  title: "Profile",
  scope: "node",
  letter: "f",
  icon: "M2 13h12M4 13V9h8v4M6 9V5h4v4",
  needs: "profile",
  unkept: "A node is profiled while one looks, and not in between.",
  View: ProfilePage,
}

const ROW = 20
const LEAST = 0.002

function ProfilePage({ node }: PageProps) {
  const [asked, setAsked] = useState<{ seconds: number; again: number } | null>(null)
  const [seconds, setSeconds] = useState(5)
  const watched = useWatch(
    "profile",
    node === null || asked === null ? null : { node: node.name, seconds: asked.seconds, again: asked.again },
  )
  return (
    <div class="page broad">
      <header class="page-head">
        <h1>Profile</h1>
        <p>where the time of this node goes; beginning one stops it for up to 0.3 s</p>
      </header>
      <div class="filters">
        <select
          aria-label="For how long"
          value={seconds}
          onChange={(event) => setSeconds(Number(event.currentTarget.value))}
        >
          {[1, 5, 20, 60].map((value) => (
            <option key={value} value={value}>
              {counted(value, "second")}
            </option>
          ))}
        </select>
        <button type="button" class="act" onClick={() => setAsked({ seconds, again: (asked?.again ?? 0) + 1 })}>
          {asked === null ? "Profile it" : "Once more"}
        </button>
      </div>
      {asked === null ? (
        <Empty title="No profile yet">Say for how long, and begin.</Empty>
      ) : (
        <Shown of={watched}>{(data) => <Result data={data} />}</Shown>
      )}
    </div>
  )
}

type Done = Extract<ProfileData, { state: "done" }>
const COLUMNS: readonly Column<Done["processes"][number]>[] = [
  { key: "title", title: "Process", cell: ({ title }) => title },
  { key: "share", title: "Share", number: true, cell: ({ share }) => percent(share) },
  { key: "ms", title: "Time", number: true, cell: ({ ms }) => milliseconds(ms) },
]

function Result({ data }: { data: ProfileData }) {
  const { open } = useNavigation()
  if (data.state === "running") return <Empty title="Profiling …">It takes {milliseconds(data.ms)}.</Empty>
  if (data.state === "unavailable") return <Empty title="No profile">{data.why}</Empty>
  return (
    <>
      <Flame root={data.root} />
      <h2>Whose turn it was</h2>
      <Table
        label="Processes by time"
        columns={COLUMNS}
        rows={data.processes}
        onOpen={({ process }) => process !== null && open(process)}
      />
    </>
  )
}

function Flame({ root }: { root: FlameNode }) {
  const [top, setTop] = useState<FlameNode | null>(null)
  const shown = top ?? root
  const boxes = flameBoxes(shown, LEAST)
  const depth = Math.max(0, ...boxes.map((box) => box.depth)) + 1
  return (
    <figure class="flame">
      <svg width="100%" height={depth * ROW} role="img" aria-label="Flame graph">
        {boxes.map((box) => (
          <svg
            key={box.key}
            x={`${box.left * 100}%`}
            y={box.depth * ROW}
            width={`${box.width * 100}%`}
            height={ROW - 1}
            class={`flame-box ${tone(box.name, box.place)}`}
          >
            <title>{`${box.name}${box.place === "" ? "" : ` (${box.place})`}: ${milliseconds(box.totalMs)}, itself ${milliseconds(box.selfMs)}`}</title>
            {/* biome-ignore lint/a11y/useSemanticElements: SVG has no buttons */}
            <rect
              width="100%"
              height="100%"
              rx="3"
              role="button"
              tabIndex={0}
              aria-label={box.name}
              onClick={() => setTop(box.node)}
              onKeyDown={(event) => event.key === "Enter" && setTop(box.node)}
            />
            {box.width > 0.03 && (
              <text x="6" y="14">
                {box.name}
              </text>
            )}
          </svg>
        ))}
      </svg>
      <figcaption class="muted small">
        {top === null ? (
          "Choose a box to see it as wide as the whole."
        ) : (
          <button type="button" class="link" onClick={() => setTop(null)}>
            Show everything again
          </button>
        )}
      </figcaption>
    </figure>
  )
}

/** User code, the runtime, and what is the engine's own. */
const tone = (name: string, place: string): string =>
  name.startsWith("(")
    ? "engine"
    : place.startsWith("node:") || place === ""
      ? "node"
      : /umbel\/(src|dist)/.test(place)
        ? "runtime"
        : "own"

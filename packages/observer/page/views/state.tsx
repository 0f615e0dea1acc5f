/** What a page says while there is nothing to show, and above what is only the last that was known. */
import type { ComponentChildren } from "preact"
import type { Watched } from "../live.ts"
import { Empty } from "./bits.tsx"

const TITLES = {
  looking: "Looking …",
  here: "",
  gone: "It is gone",
  unreachable: "No answer",
  unknown: "There is no such thing",
  unsupported: "Not to be had from that node",
  denied: "Not for you",
  failed: "That went wrong",
  unkept: "Not recorded",
} as const

/** `children` of the data, once there are any; an empty state before; a banner when it is old. */
export function Shown<T>({ of, children }: { of: Watched<T>; children: (data: T) => ComponentChildren }) {
  const { status, data, text } = of
  if (data === null) return <Empty title={TITLES[status]}>{text === "" ? undefined : text}</Empty>
  if (status === "here" || status === "looking") return <>{children(data)}</>
  return (
    <>
      <p class="banner" role="status">
        <strong>{text === "" ? TITLES[status] : text}</strong> Below is the last that was known.
      </p>
      <div class="greyed-body">{children(data)}</div>
    </>
  )
}

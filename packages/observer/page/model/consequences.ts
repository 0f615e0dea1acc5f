/**
 * What killing a process takes down, and what its supervisors will do about it, told before it is done.
 *
 * ```ts
 * consequences(placed(tree), key)
 * // ["Nothing runs below it.", "stores (rest_for_one) starts it again, and with it cache, which comes after it.", …]
 * ```
 *
 * It follows the rules of `umbel/otp`'s supervision: a kill is an abnormal end, so permanent and transient children are started again, and one restart more
 * than the intensity allows ends the supervisor.
 */
import type { TreeView } from "../../src/protocol.ts"
import { counted, seconds } from "./format.ts"
import type { Placed } from "./growth.ts"
import { processesIn } from "./layout.ts"
import { nameOf } from "./names.ts"

export interface Consequence {
  readonly tone: "calm" | "warn" | "bad"
  readonly text: string
}

export function consequences(tree: ReadonlyMap<string, Placed>, key: string): readonly Consequence[] {
  const target = [...tree.values()].find(({ view }) => view.key === key)
  if (target === undefined) {
    return [
      {
        tone: "warn",
        text: "It is not part of the tree at hand, so what follows cannot be told. Processes linked to it that do not trap exits end too.",
      },
    ]
  }
  return [below(target.view), ...above(tree, target)]
}

function below(view: TreeView): Consequence {
  const others = processesIn(view) - 1
  if (others <= 0) return { tone: "calm", text: "Nothing else runs below it." }
  return {
    tone: "warn",
    text: `The ${counted(others, "process", "processes")} below it ${others === 1 ? "ends" : "end"} with it.`,
  }
}

function above(tree: ReadonlyMap<string, Placed>, target: Placed): Consequence[] {
  const parent = target.parent === null ? undefined : tree.get(target.parent)
  if (parent === undefined) {
    return [
      {
        tone: "bad",
        text: "It is the top of its application: the application ends, and nothing starts it again by itself.",
      },
    ]
  }
  const { view } = target
  const boss = `${nameOf(parent.view)} (${parent.view.supervision?.strategy ?? "its supervisor"})`
  if (view.restart === "temporary") {
    return [{ tone: "warn", text: `It is temporary: ${boss} does not start it again.` }]
  }
  const { supervision } = parent.view
  if (supervision === null) return [{ tone: "warn", text: `${boss} is told of its end.` }]
  const { intensity, used, period } = supervision
  if (used + 1 > intensity) return [givesUp(parent, intensity, period), ...above(tree, parent)]
  return [
    { tone: "calm", text: restarted(parent.view, view, boss) },
    {
      tone: used + 1 === intensity ? "warn" : "calm",
      text: `That is restart ${used + 1} of the ${intensity} allowed in ${seconds(period)}${used + 1 === intensity ? "; one more and the supervisor gives up" : ""}.`,
    },
  ]
}

function givesUp(parent: Placed, intensity: number, period: number): Consequence {
  const others = processesIn(parent.view) - 1
  return {
    tone: "bad",
    text: `The restart budget of ${nameOf(parent.view)} is used up (${intensity} in ${seconds(period)}): it gives up and ends, with all ${counted(others, "process", "processes")} below it.`,
  }
}

function restarted(supervisor: TreeView, child: TreeView, boss: string): string {
  const index = supervisor.children.indexOf(child)
  const { strategy } = supervisor.supervision ?? {}
  const alongside =
    strategy === "one_for_all"
      ? supervisor.children.filter((other) => other !== child)
      : strategy === "rest_for_one"
        ? supervisor.children.slice(index + 1)
        : []
  const running = alongside.filter(({ key }) => key !== null)
  if (running.length === 0) return `${boss} starts it again; its siblings are left alone.`
  const why = strategy === "rest_for_one" ? ", which come after it" : ""
  return `${boss} starts it again, and with it ${listed(running.map(nameOf))}${why}.`
}

const NAMES_MAX = 5

function listed(names: readonly string[]): string {
  const shown =
    names.length > NAMES_MAX ? [...names.slice(0, NAMES_MAX - 1), `${names.length - NAMES_MAX + 1} others`] : names
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`
}

/** A member of the soak on an Umbel node, as a process of its own: `member.ts NAME COOKIE EPMD_PORT SEED visible|hidden OTHERS…`. */
import { child, genServer, name, supervisor, tuple } from "umbel"
import { boot } from "umbel/nodejs"
import { describeReport, Pg, pgScope } from "umbel/otp"
import { Random } from "../../packages/umbel/test/fuzz/mutate.ts"
import { GROUPS, TICK_MS } from "./plan.ts"

const [, , self = "", cookie = "", epmdPort = "", seed = "", kind = "", ...others] = process.argv
const random = new Random(Number(seed), 0)
let good = 0
let bad = 0
let quiet = false

const echo = genServer("soak.echo", { init: () => ({}), request: (_self, request) => request })
const node = await boot({
  name: self,
  cookie,
  epmdPort: Number(epmdPort),
  tickMs: TICK_MS,
  hidden: kind === "hidden",
  report: (report) => console.log(describeReport(report)),
  expose: {
    soak: {
      members: (_self, group: unknown) => [...Pg.members(node, "soak", group)],
      counts: () => tuple(good, bad),
      quiet: () => {
        quiet = true
        return true
      },
    },
  },
})
await node.start(supervisor("soak.top", { children: [child(pgScope("soak")), child(echo, { name: name("echo") })] }))
console.log("ready")

const members: (() => void)[] = []
for (;;) {
  await new Promise((resolve) => setTimeout(resolve, 20))
  for (const other of others) if (random.chance(5) && !node.nodes.includes(other)) void node.connect(other)
  if (quiet) continue
  const request = tuple("ping", "x".repeat(random.below(2_000)))
  await node.ask(name("echo").at(random.of(others)), request, { timeout: 1_000 }).then(
    () => good++,
    () => bad++,
  )
  if (random.chance(10) && members.length < 20) {
    const group = 1 + random.below(GROUPS)
    node.spawn(async (member) => {
      await Pg.join(member, "soak", group)
      await new Promise<void>((resolve) => members.push(resolve))
    })
  } else if (random.chance(10)) members.shift()?.()
}

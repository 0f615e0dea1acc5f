/** A program that looks through an observer: asks, watches, acts, and hears when the observer is gone. */
import { boot } from "umbel/nodejs"
import { expect, test } from "vitest"
import { freePort } from "../../../interop/support/ports.ts"
import { ObserverClient } from "../src/client.ts"
import { observer, observerAddress } from "../src/index.ts"
import { shop } from "./support/system.ts"

const NAME = "client1@127.0.0.1"

async function started(config: object = {}) {
  const applications = [shop, observer.with({ port: 0, refreshMs: 50, ...config })]
  const node = await boot({ name: NAME, cookie: "c", epmdPort: await freePort(), report: () => {}, applications })
  return { node, address: await observerAddress(node) }
}

test("it asks, watches until it leaves, and acts on what it was shown", async () => {
  const { node, address } = await started()
  await using _ = node
  await using seen = await ObserverClient.connect(address)
  expect(seen.hello).toMatchObject({ node: NAME, capabilities: ["inspect", "inspect.state", "manage"] })
  for await (const { nodes } of seen.watch("cluster")) if (nodes[0]?.status === "up") break
  const { found } = await seen.ask("find", { text: "till" })
  const till = found.find(({ title }) => title === "till")!
  let restarted = false
  for await (const tree of seen.watch("tree", { node: NAME, application: "shop" })) {
    const text = JSON.stringify(tree)
    if (!restarted) {
      restarted = true
      expect(await seen.preview("kill", { process: till.key })).toMatchObject({ done: true })
      expect(await seen.act("kill", { process: till.key })).toMatchObject({ done: true })
    } else if (text.includes('"restarts":1')) break
  }
  await expect(seen.ask("tree", { node: NAME, application: "nosuch" })).rejects.toMatchObject({ kind: "gone" })
  expect(await seen.act("kill", { process: "never shown" })).toMatchObject({ done: false })
})

test("when the observer is gone, whoever waits for it hears so", async () => {
  const { node, address } = await started()
  const seen = await ObserverClient.connect(address)
  const watched = (async () => {
    for await (const _ of seen.watch("cluster")) await node.stop()
  })()
  await expect(watched).rejects.toMatchObject({ name: "ObserverFault", kind: "lost" })
  await expect(seen.ask("cluster")).rejects.toMatchObject({ kind: "lost" })
  await expect(ObserverClient.connect(address)).rejects.toMatchObject({ kind: "lost" })
  await seen[Symbol.asyncDispose]()
})

test("a token in the address is as good as one beside it, and none is refused with the reason", async () => {
  const token = "0123456789-secret"
  const { node, address } = await started({ token })
  await using _ = node
  await using seen = await ObserverClient.connect(`${address}?token=${token}`)
  expect(seen.hello.who).toBe("token")
  await expect(ObserverClient.connect(address)).rejects.toMatchObject({ kind: "refused", message: /asks for a token/ })
})

/** RabbitMQ as it stands: a node that was written without a thought of ours, asked and watched from here. */
import { writeFileSync } from "node:fs"
import { atom, isDown, isExit, isTuple, type Node, normal, Pid, type Tuple, tuple } from "umbel"
import { Sys } from "umbel/otp"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { TemporaryFolder } from "../support/folder.ts"
import { freePort } from "../support/ports.ts"
import { Program } from "../support/program.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const RABBIT = "rabbit@127.0.0.1"
/** Milliseconds that a broker may take to start: seven seconds where there is nothing else to do, much longer where there is. */
const START_MS = 120_000

/** A broker in a folder of its own, without plugins, listening on free ports of the loopback only. */
async function broker(folder: TemporaryFolder, epmdPort: number): Promise<Program> {
  const port = await freePort()
  writeFileSync(
    folder.file("rabbitmq.conf"),
    `listeners.tcp.1 = 127.0.0.1:${port}\nlog.console = true\nlog.file = false\n`,
  )
  writeFileSync(folder.file("enabled_plugins"), "[].\n")
  const rabbit = new Program(
    "rabbitmq-server",
    peers.rabbitmq!,
    [],
    {
      HOME: folder.path,
      ERL_EPMD_PORT: String(epmdPort),
      ERL_CRASH_DUMP: "/dev/null",
      RABBITMQ_NODENAME: RABBIT,
      RABBITMQ_USE_LONGNAME: "true",
      RABBITMQ_MNESIA_BASE: folder.file("mnesia"),
      RABBITMQ_LOG_BASE: folder.file("log"),
      RABBITMQ_PID_FILE: folder.file("pid"),
      RABBITMQ_CONFIG_FILE: folder.file("rabbitmq"),
      RABBITMQ_ADVANCED_CONFIG_FILE: folder.file("advanced"),
      RABBITMQ_CONF_ENV_FILE: folder.file("rabbitmq-env.conf"),
      RABBITMQ_ENABLED_PLUGINS_FILE: folder.file("enabled_plugins"),
      RABBITMQ_DIST_PORT: String(await freePort()),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-setcookie ${COOKIE} -kernel inet_dist_use_interface {127,0,0,1}`,
    },
    // Its start is a shell script that waits for the broker.
    { group: true },
  )
  try {
    await rabbit.line((line) => line.includes("completed with 0 plugins"), START_MS)
  } catch (error) {
    await rabbit[Symbol.asyncDispose]()
    throw error
  }
  return rabbit
}

const value = (proplist: unknown, key: string): unknown =>
  (proplist as Tuple[]).find(({ elements }) => elements[0] === atom(key))?.elements[1]

const rpc = (node: Node) => node.rpc(RABBIT, { timeout: 10_000 })

describe.skipIf(!peers.rabbitmq)("RabbitMQ", () => {
  test(
    "says its status, has queues declared and listed, is watched and looked into, and pings us",
    async () => {
      using folder = new TemporaryFolder()
      const epmdPort = await freePort()
      await using umbel = await umbelNode("rmq@127.0.0.1", COOKIE, epmdPort)
      const { node } = umbel
      await using _rabbit = await broker(folder, epmdPort)

      // What `rabbitmqctl status` asks for.
      const status = await rpc(node).rabbit!.status!()
      expect(value(status, "pid")).toBeGreaterThan(0)
      expect(value(status, "running_applications")).toContainEqual(
        tuple(atom("rabbit"), expect.anything(), expect.anything()),
      )
      expect(value(status, "alarms")).toEqual([])
      expect(await rpc(node).rabbit!.is_running!()).toBe(true)

      // Its records come and go as tuples.
      const vhost = "/"
      const resource = tuple(atom("resource"), vhost, atom("queue"), "umbel.ünïcode")
      const declared = await rpc(node).rabbit_amqqueue!.declare!(resource, false, false, [], atom("none"), "guest")
      if (!isTuple(declared)) throw new Error(`declare answered ${declared}`)
      const [how, queue] = declared.elements
      expect(how).toBe(atom("new"))
      expect(await rpc(node).rabbit_amqqueue!.list_names!()).toEqual([resource])
      const [info] = (await rpc(node).rabbit_amqqueue!.info_all!(vhost, [
        atom("name"),
        atom("messages"),
        atom("state"),
      ])) as unknown[]
      expect(info).toEqual([
        tuple(atom("name"), resource),
        tuple(atom("messages"), 0),
        tuple(atom("state"), atom("running")),
      ])
      // The record of the queue, given back as it came, with the pid in it.
      const pid = (await rpc(node).amqqueue!.get_pid!(queue)) as Pid
      expect(pid).toBeInstanceOf(Pid)

      // The processes behind it, as any tool looks at them.
      expect(isTuple(await Sys.getState(node, pid))).toBe(true)
      expect(isTuple(await Sys.getStatus(node, pid))).toBe(true)
      const children = await rpc(node).supervisor!.which_children!(atom("rabbit_sup"))
      expect(children).toContainEqual(
        tuple(atom("rabbit_alarm_sup"), expect.any(Pid), atom("supervisor"), expect.anything()),
      )

      const ends = new Promise<unknown[]>((resolve) => {
        node.spawn(async (self) => {
          self.trapExit(true)
          self.monitor(pid)
          self.link(pid)
          const gone = rpc(node).rabbit_amqqueue!.delete!(queue, false, false, "guest")
          const down = await self.receive(isDown)
          const exit = await self.receive(isExit)
          resolve([down.reason, exit.reason, await gone])
        })
      })
      expect(await ends).toEqual([normal, normal, tuple(atom("ok"), 0)])
      expect(await rpc(node).rabbit_amqqueue!.list_names!()).toEqual([])

      expect(await rpc(node).net_adm!.ping!(atom(node.name))).toBe(atom("pong"))
      // Still there, after all this.
      expect(node.nodes).toEqual([RABBIT])
    },
    START_MS + 60_000,
  )
})

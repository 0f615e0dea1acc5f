/** Spans of the real OpenTelemetry: a handler's has the asker's as its parent. */
import { context, propagation, trace } from "@opentelemetry/api"
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks"
import { W3CTraceContextPropagator } from "@opentelemetry/core"
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest"
import { freePort } from "../../../../interop/support/ports.ts"
import { boot, openTelemetry } from "../../src/nodejs/index.ts"
import { genServer, INSPECTOR, name } from "../../src/otp/index.ts"

const exporter = new InMemorySpanExporter()
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const tracer = provider.getTracer("test")

const worker = genServer("test.traced", {
  init: () => ({}),
  calls: {
    work: async () => {
      const span = tracer.startSpan("work")
      await Promise.resolve()
      span.end()
      return span.spanContext().traceId
    },
  },
})
const WORKER = name<typeof worker>("worker")

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
})
afterAll(() => {
  context.disable()
  propagation.disable()
})
beforeEach(() => exporter.reset())

test("a span in a handler is a child of the span of whoever called, here and on another node", async () => {
  const cluster = { cookie: "traced", epmdPort: await freePort(), report: () => {} }
  const traceContext = openTelemetry({ context, propagation })
  await using here = await boot({ name: "here@127.0.0.1", traceContext, ...cluster })
  await using there = await boot({ name: "there@127.0.0.1", traceContext, ...cluster })
  for (const node of [here, there]) await node.start(worker, { name: WORKER })
  for (const target of [WORKER, WORKER.at("there@127.0.0.1")]) {
    exporter.reset()
    const asking = tracer.startSpan("asking")
    const traceId = await context.with(trace.setSpan(context.active(), asking), () => here.call(target).work())
    asking.end()
    expect(traceId).toBe(asking.spanContext().traceId)
    const work = exporter.getFinishedSpans().find((span) => span.name === "work")
    expect(work?.parentSpanContext?.spanId).toBe(asking.spanContext().spanId)
  }
})

test("messages that are traced are told with the W3C id of their trace, on both nodes", async () => {
  const cluster = { cookie: "traced", epmdPort: await freePort(), report: () => {} }
  const traceContext = openTelemetry({ context, propagation })
  await using here = await boot({ name: "here@127.0.0.1", traceContext, ...cluster })
  await using there = await boot({ name: "there@127.0.0.1", traceContext, ...cluster })
  await there.start(worker, { name: WORKER })
  const target = WORKER.at(there.name)
  await here.call(target).work()
  const farTrace = await there.call(INSPECTOR).trace({ names: ["worker"] })
  const nearTrace = await here.call(INSPECTOR).trace({ pids: [here.root.pid] })
  const asking = tracer.startSpan("asking")
  await context.with(trace.setSpan(context.active(), asking), () => here.call(target).work())
  asking.end()
  const { traceId } = asking.spanContext()
  const seen = async (node: typeof here, id: number) =>
    (await node.call(INSPECTOR).traced(id, 0))!.events
      .filter(({ text, call }) => text === ":work" || call !== undefined)
      .map((event) => `${event.kind} ${event.traceId}`)
  expect(await seen(there, farTrace.id)).toEqual([`call ${traceId}`, `answer ${traceId}`])
  expect((await seen(here, nearTrace.id)).filter((one) => one.includes(traceId))).toEqual([
    `call ${traceId}`,
    `answer ${traceId}`,
  ])
})

test("a call outside of any span begins a trace of its own", async () => {
  await using node = await boot({
    name: "alone@127.0.0.1",
    traceContext: openTelemetry({ context, propagation }),
    report: () => {},
  })
  const pid = await node.start(worker)
  await node.call(pid).work()
  expect(exporter.getFinishedSpans()[0]?.parentSpanContext).toBeUndefined()
})

test("a carrier that is none of theirs is no context", () => {
  const hook = openTelemetry({ context, propagation })
  for (const carrier of [null, 5, "text", ["a"], { traceparent: 7 }, { traceparent: "nonsense" }]) {
    expect(hook.run(carrier, () => trace.getSpanContext(context.active()))).toBeUndefined()
  }
})

/** A table of very many processes is a set in the order of their pids, and lets go of what has ended. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Process } from "../../src/runtime/process.ts"
import { ProcessTable } from "../../src/runtime/process-table.ts"
import { makePid } from "../../src/term/index.ts"

/** All that a table looks at. */
const processOf = (id: number, serial = 0): Process => ({ pid: makePid("a@host", id, serial, 1) }) as Process

describe("a table of processes", () => {
  it("holds what was added and not deleted, whatever the order", () => {
    const processes = [0, 1, 31, 32, 33, 63, 64, 1000, 2 ** 32 - 1].map((id) => processOf(id))
    processes.push(processOf(0, 1), processOf(31, 1), processOf(5, 2 ** 20))
    const step = fc.tuple(fc.boolean(), fc.nat({ max: processes.length - 1 }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const table = new ProcessTable()
        const model = new Set<Process>()
        for (const [add, which] of steps) {
          const process = processes[which]!
          if (add) {
            table.add(process)
            model.add(process)
          } else {
            table.delete(process)
            model.delete(process)
          }
          expect(table.size).toBe(model.size)
        }
        expect(new Set(table)).toEqual(model)
        for (const process of processes) expect(table.find(process.pid)).toBe(model.has(process) ? process : undefined)
        table.clear()
        expect([table.size, ...table]).toEqual([0])
        for (const process of processes) expect(table.find(process.pid)).toBeUndefined()
      }),
    )
  })

  it("is in the order of their starts", () => {
    const table = new ProcessTable()
    const all = Array.from({ length: 200 }, (_, i) => processOf(i + 1))
    for (const process of all) table.add(process)
    expect([...table]).toEqual(all)
  })

  it("does not delete another one of the same number", () => {
    const table = new ProcessTable()
    const process = processOf(7)
    table.add(process)
    table.delete(processOf(7))
    expect(table.find(process.pid)).toBe(process)
  })

  it("may be gone through while processes end", () => {
    const table = new ProcessTable()
    for (let i = 0; i < 100; i++) table.add(processOf(i))
    let seen = 0
    for (const process of table) {
      seen++
      table.delete(process)
    }
    expect([seen, table.size]).toEqual([100, 0])
  })
})

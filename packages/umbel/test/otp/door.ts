/** A door with a code: the machine of the tests that need an ordinary one. It locks itself after five seconds in which nobody opens it. */
import { genStatem, name, refuse } from "../../src/otp/index.ts"
import type { Api } from "../../src/runtime/index.ts"

export interface DoorApi extends Api {
  calls: {
    unlock(code: string): "ok"
    open(): "ok"
    close(): "ok"
    where(): { state: string; tries: number }
    stop(reason: unknown): "stopped"
    crash(): never
  }
  casts: { lock(): void; crash(): void }
}
export const door = genStatem<DoorApi>()("test.door", {
  init: (code: string) => ({ state: "locked", data: { code, tries: 0, entered: [] as string[] } }),
  states: {
    locked: {
      enter: (self, from) => void self.data.entered.push(`${from} → locked`),
      calls: {
        unlock(self, code) {
          self.data.tries++
          if (code !== self.data.code) return refuse("wrong code")
          self.next("closed")
          return "ok"
        },
        open: "postpone",
      },
    },
    closed: {
      enter(self, from) {
        self.data.entered.push(`${from} → closed`)
        self.stateTimeout(5_000, "relock")
      },
      timeout: (self) => self.next("locked"),
      calls: {
        open(self) {
          self.next("open")
          return "ok"
        },
      },
      casts: { lock: (self) => self.next("locked") },
    },
    open: {
      enter: (self, from) => void self.data.entered.push(`${from} → open`),
      calls: {
        close(self) {
          self.next("closed")
          return "ok"
        },
      },
    },
  },
  any: {
    calls: {
      where: (self) => ({ state: self.state, tries: self.data.tries }),
      stop(self, reason) {
        self.stop(reason)
        return "stopped"
      },
      crash: () => {
        throw new RangeError("broken hinge")
      },
    },
    casts: {
      crash: () => {
        throw new RangeError("broken hinge")
      },
    },
  },
})
export const DOOR = name<typeof door>("door")

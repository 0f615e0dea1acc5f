/** The mailbox against a plain array that does the same. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { Message } from "../../src/runtime/index.ts"
import { Mailbox } from "../../src/runtime/mailbox.ts"

type Step = { do: "put"; value: number } | { do: "take" } | { do: "match"; divisor: number; again: boolean }
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("put" as const), value: fc.nat(30) }),
  fc.record({ do: fc.constant("take" as const) }),
  fc.record({ do: fc.constant("match" as const), divisor: fc.integer({ min: 1, max: 7 }), again: fc.boolean() }),
)
const valueOf = (envelope: unknown): number => (envelope as Message).value as number

test("any puts, takes and selective takes leave what they leave in an array", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const mailbox = new Mailbox()
      const model: number[] = []
      for (const one of steps) {
        if (one.do === "put") {
          mailbox.put(new Message(one.value))
          model.push(one.value)
        } else if (one.do === "take") {
          if (model.length > 0) expect(valueOf(mailbox.take())).toBe(model.shift())
        } else {
          const fits = (value: number): boolean => value % one.divisor === 0
          const at = model.findIndex(fits)
          const taken = mailbox.takeMatching(undefined, (envelope) => fits(valueOf(envelope)))
          if (at < 0) expect(taken).toBeUndefined()
          else expect(valueOf(taken)).toBe(model.splice(at, 1)[0])
        }
        expect(mailbox.size).toBe(model.length)
        expect(contents(mailbox)).toEqual(model)
        expect(mailbox.tail === undefined ? undefined : valueOf(mailbox.tail)).toBe(model.at(-1))
      }
    }),
  )
})

test("looking behind what was seen before finds only what came since", () => {
  const mailbox = new Mailbox()
  for (const value of [2, 4]) mailbox.put(new Message(value))
  const seen = mailbox.tail
  const even = (envelope: unknown): boolean => valueOf(envelope) % 2 === 0
  expect(mailbox.takeMatching(seen, even)).toBeUndefined()
  for (const value of [5, 6]) mailbox.put(new Message(value))
  expect(valueOf(mailbox.takeMatching(seen, even))).toBe(6)
  expect(contents(mailbox)).toEqual([2, 4, 5])
  mailbox.put(new Message(8))
  expect(contents(mailbox)).toEqual([2, 4, 5, 8])
})

function contents(mailbox: Mailbox): number[] {
  const values: number[] = []
  for (let envelope = mailbox.head; envelope !== undefined; envelope = envelope.next) values.push(valueOf(envelope))
  return values
}

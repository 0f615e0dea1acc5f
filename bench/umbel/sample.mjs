/**
 * The term of the codec rows: 184 bytes in the external term format, nested, with most of what messages are made of.
 */
import { atom, tuple } from "umbel"

const person = {
  id: 4711,
  name: "Ada Lovelace",
  email: "ada@example.org",
  score: 99.5,
  active: true,
  tags: ["math", "engine", "poetry"],
  address: { city: "London" },
}

/** `{reply, #{…}, [1,2,3]}` */
export const SAMPLE = tuple(atom("reply"), person, [1, 2, 3])
/** The same for JSON, which has neither atoms nor tuples. */
export const JSON_SAMPLE = ["reply", person, [1, 2, 3]]
/** Bytes of the external term format, with its version. */
export const SAMPLE_BYTES = 184

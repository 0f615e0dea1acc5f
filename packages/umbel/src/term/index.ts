/** Terms: what a process can send, here or to another node. */
export { ATOM_CHARACTERS_MAX, Atom, atom, atomCount, atomSlots, existingAtom, isAtom } from "./atom.ts"
export { type AtomValue, atomText, atomValue, isAtomValue } from "./atom-values.ts"
export { BitString, bitString } from "./bit-string.ts"
export { defaultStructs, fieldsOf, nameFields, revive, withStructs } from "./builtin-structs.ts"
export { compare } from "./compare.ts"
export { type CopyOptions, copy, isImmutable } from "./copy.ts"
export { equal } from "./equal.ts"
export { ElixirError } from "./exceptions.ts"
export { Float, float } from "./float.ts"
export { Export, exported, Fun, makeFun } from "./functions.ts"
export { Generated } from "./generated.ts"
export { makePid, makePort, makeRef, Pid, Port, Ref } from "./identifiers.ts"
export { type InspectOptions, inspect } from "./inspect.ts"
export { hasEqualKeys, keyText } from "./keys.ts"
export { charlist, ImproperList, improper, improperOver } from "./lists.ts"
export { Local, local } from "./local.ts"
export { json, mapOf } from "./maps.ts"
export { makeName, makeViaName, Name, type NameKey, type Target } from "./name.ts"
export {
  atomObjection,
  DEPTH_MAX,
  equalKeys,
  hole,
  INTEGER_BYTES_MAX,
  loneSurrogate,
  NotATerm,
  PARTS_MAX,
  refusal,
  type Step,
  tooDeep,
  tooLongInteger,
  tooManyParts,
} from "./not-a-term.ts"
export { isPlainArray, isPlainObject, isPrototypePolluted } from "./plain-object.ts"
export { redact } from "./redact.ts"
export { share } from "./share.ts"
export { markShared } from "./shared-mark.ts"
export { type AnyStructType, define, type Fields, Structs, type StructType, struct } from "./structs.ts"
export { isTuple, Tuple, tuple, tupleOver } from "./tuple.ts"
export { bytes, textOf } from "./utf8.ts"
export { isWellFormed, toWellFormed } from "./well-formed.ts"
export * from "./well-known.ts"

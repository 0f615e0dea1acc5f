/**
 * Frames to the page: MessagePack.
 *
 * ```ts
 * decode(encode({ seq: 1, type: "hello" }))
 * ```
 *
 * Both sides import this file; the page's build takes the variant of the library without `eval`, as the page's policy allows none.
 */
import { Packr, Unpackr } from "msgpackr"

// Plain maps: records would need a memory that both sides share, and a page may join at any time.
const packr = new Packr({ useRecords: false })
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true })

export const encode = (value: unknown): Uint8Array => packr.pack(value)
/** @throws Error for bytes that are no frame */
export const decode = (bytes: Uint8Array): unknown => unpackr.unpack(bytes)

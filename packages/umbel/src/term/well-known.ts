/**
 * Atoms that OTP gives a meaning to.
 *
 * ```ts
 * if (reason === normal) return
 * self.send(caller, tuple(ok, value))
 * ```
 */
import { atom } from "./atom.ts"

export const ok = atom("ok")
export const error = atom("error")
export const infinity = atom("infinity")
export const timeout = atom("timeout")
/** As a tag: `{reply, …}`, `{noreply, …}`, `{stop, …}`. */
export const reply = atom("reply")
export const noreply = atom("noreply")
export const stop = atom("stop")

// Reasons for an end.
export const normal = atom("normal")
export const shutdown = atom("shutdown")
export const kill = atom("kill")
export const killed = atom("killed")
export const noproc = atom("noproc")
export const noconnection = atom("noconnection")
export const nodedown = atom("nodedown")
export const calling_self = atom("calling_self")

// Messages that the runtime makes.
export const EXIT = atom("EXIT")
export const DOWN = atom("DOWN")
export const process = atom("process")
export const port = atom("port")
export const system = atom("system")
export const $gen_call = atom("$gen_call")
export const $gen_cast = atom("$gen_cast")
export const alias = atom("alias")
export const rex = atom("rex")

/**
 * `net_kernel`: the process that peers ask whether they may talk to us. `net_adm:ping` disconnects on any answer but yes.
 */
import { define, refuse } from "../otp/index.ts"
import { atom, inspect, isAtom, Tuple } from "../term/index.ts"

const yes = atom("yes")
const isAuth = atom("is_auth")

export const netKernel = define("net_kernel", {
  init: () => ({}),
  request(_self, request) {
    if (request instanceof Tuple && request.elements[0] === isAuth) return yes
    if (isAtom(request) && request.text === "longnames") return true
    // Whoever asks for more than there is must not end the process that all pings need.
    return refuse(`net_kernel is not asked ${inspect(request, { limit: 5, size: 100 })}`)
  },
  info() {},
})

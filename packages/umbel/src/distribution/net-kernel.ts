/**
 * `net_kernel`: the process that peers ask whether they may talk to us. `net_adm:ping` disconnects on any answer but yes.
 */
import { define } from "../otp/index.ts"
import { atom, inspect, isAtom, Tuple } from "../term/index.ts"

const yes = atom("yes")

export const netKernel = define("net_kernel", {
  init: () => ({}),
  request(_self, request) {
    if (request instanceof Tuple && isAtom(request.elements[0]) && request.elements[0].text === "is_auth") return yes
    throw new TypeError(`net_kernel is not asked ${inspect(request)}`)
  },
})

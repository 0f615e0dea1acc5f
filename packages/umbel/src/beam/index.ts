/** The faces that Erlang's tools expect of a node: the observer, `etop`, `rpc`, `erl_call`. */
export { beamModules, exposeBeam } from "./expose.ts"

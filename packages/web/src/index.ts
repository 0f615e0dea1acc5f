/** HTTP endpoints as supervised processes. */
export { CannotListen, type EndpointAddress, type EndpointOptions, endpoint } from "./endpoint.ts"

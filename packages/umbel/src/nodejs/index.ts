/** Umbel on Node.js. */
export { type BootOptions, boot } from "./boot.ts"
export { consoleReports, type Level, wantsColour } from "./console.ts"
export { type EpmdAddress, EpmdError, epmdPort, registeredNodes } from "./epmd-client.ts"
export { EpmdServer } from "./epmd-server.ts"
export { nodejsPlatform } from "./platform.ts"

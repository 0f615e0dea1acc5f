/** Umbel on Node.js. */
export { type BootOptions, boot } from "./boot.ts"
export { consoleReports, type Level, wantsColour } from "./console.ts"
export { type EpmdAddress, EpmdError, epmdPort, registeredNodes } from "./epmd-client.ts"
export { EpmdServer } from "./epmd-server.ts"
export { type OpenTelemetry, openTelemetry } from "./open-telemetry.ts"
export { type PinoLike, pinoReports } from "./pino.ts"
export { nodejsPlatform } from "./platform.ts"
export {
  type BytesPort,
  isPortMessage,
  type LinePort,
  type PortApi,
  type PortMessage,
  type PortSelf,
  type PortSpec,
  port,
  type TermPort,
} from "./port.ts"
export { framed, type Packet, PacketReader, PacketTooLarge } from "./port-framing.ts"
export { PortBusy } from "./port-life.ts"
export { ProgramFailed } from "./port-program.ts"
export { seedFrom } from "./seed.ts"
export type { TlsOptions } from "./tls.ts"

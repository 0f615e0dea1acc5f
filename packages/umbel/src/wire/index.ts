/** The protocol of Distributed Erlang as pure data: bytes in, events out. No sockets, no clock, no chance. */
export {
  CHANNEL_LIMITS,
  Channel,
  type ChannelLimits,
  type ChannelOptions,
  type Deliver,
} from "./channel.ts"
export {
  CONTROL_ROWS,
  type Control,
  type ControlOp,
  type ControlRow,
  type ElementType,
  type PayloadKind,
} from "./control.ts"
export { NotNegotiated } from "./control-writer.ts"
export {
  aliveRequest,
  type EpmdNode,
  type EpmdReply,
  EpmdReplyReader,
  type EpmdRequest,
  EpmdRequestReader,
  encodeEpmdReply,
  encodeEpmdRequest,
  HANDSHAKE_VERSION,
} from "./epmd.ts"
export { type EpmdRegistration, EpmdTable } from "./epmd-table.ts"
export {
  describe,
  type EpmdFailure,
  type Failure,
  type HandshakeFailure,
  type HandshakeStep,
  type LinkFailure,
  ProtocolError,
} from "./failures.ts"
export {
  announced,
  FLAGS,
  type FlagName,
  type FlagStatus,
  flag,
  flagNames,
  has,
  missingFlags,
  negotiate,
  profileOf,
} from "./flags.ts"
export { Deframer } from "./frame.ts"
export { type Connected, Handshake, type HandshakeEffect, type HandshakeOptions } from "./handshake.ts"
export { Acceptor, type AcceptorOptions, type Admission, type Applicant } from "./handshake-acceptor.ts"
export { Initiator, type InitiatorOptions } from "./handshake-initiator.ts"
export { digestOf, type Md5 } from "./handshake-messages.ts"
export { type NodeName, nodeName, parseNodeName } from "./node-name.ts"
export { TICK_INTENSITY, TICK_MS, type TickDecision, Ticks } from "./ticks.ts"

/**
 * Drives one handshake over one connection, until two nodes are connected or know why not.
 */
import type { Clock, Timer } from "../runtime/index.ts"
import type { Connected, Handshake, HandshakeEffect, HandshakeFailure, Initiator } from "../wire/index.ts"
import type { Connection, ConnectionHandler } from "./transport.ts"

/** Milliseconds without a message until an attempt is given up: OTP's `net_setuptime`. */
export const SETUP_MS = 7_000

export interface HandshakeOutcome {
  /** The connection is the outcome's own from now on; `adopt` takes what arrives on it. */
  connected(connected: Connected, connection: Connection, adopt: (handler: ConnectionHandler) => void): void
  /** `trouble` is what the connection itself has to say about its end. */
  failed(failure: HandshakeFailure, trouble: string | undefined): void
  /** Our own attempt to reach that node is to be given up: the other side's has won. */
  cancelOwnAttempt(peer: string): void
}

/** Returns what gives the attempt up without further word. */
export function shakeHands(
  handshake: Handshake | Initiator,
  connection: Connection,
  clock: Clock,
  outcome: HandshakeOutcome,
): () => void {
  let timer: Timer | undefined
  let over = false
  let adopted: ConnectionHandler | undefined
  const finish = (): void => {
    over = true
    timer?.cancel()
  }
  const perform = (effects: readonly HandshakeEffect[]): void => {
    for (const effect of effects) {
      if (over) return
      if ("send" in effect) connection.write(effect.send)
      else if ("cancelOwnAttempt" in effect) outcome.cancelOwnAttempt(effect.cancelOwnAttempt)
      else {
        finish()
        if ("done" in effect) {
          outcome.connected(effect.done, connection, (handler) => {
            adopted = handler
          })
        } else {
          connection.close()
          outcome.failed(effect.failed, connection.trouble)
        }
      }
    }
  }
  const wait = (): void => {
    timer?.cancel()
    timer = clock.after(SETUP_MS, () => perform(handshake.timedOut(SETUP_MS)))
  }
  connection.handle({
    data(bytes) {
      if (over) return adopted?.data(bytes)
      const { step } = handshake
      perform(handshake.receive(bytes))
      // Only a whole message is progress: one that dribbles bytes is given up like one that is silent.
      if (!over && handshake.step !== step) wait()
    },
    drained: () => adopted?.drained(),
    closed() {
      if (over) return adopted?.closed()
      perform(handshake.closed())
    },
  })
  wait()
  if ("start" in handshake) perform(handshake.start())
  return () => {
    if (over) return
    finish()
    connection.close()
  }
}

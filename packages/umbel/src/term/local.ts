/**
 * Handing over what is no term: a socket, a stream, a function.
 *
 * ```ts
 * self.send(worker, tuple(atom("socket"), local(socket)))
 * ```
 *
 * It is the one thing that two processes of a node can hold in common, and it never leaves the node.
 */

/** Something handed over as it is. Made by {@link local} only. */
export class Local<T = unknown> {
  declare readonly brand: "local"
  readonly value: T

  private constructor(value: T) {
    this.value = value
  }
}

const Class = Local as unknown as new <T>(value: T) => Local<T>

/** Wraps `value` so that it can be sent to a process of the same node; to any other, sending it is refused. */
export function local<T>(value: T): Local<T> {
  return new Class(value)
}

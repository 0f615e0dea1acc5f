/**
 * Evaluating what was typed, on the thread of the node.
 *
 * `full` runs it as an async function in which the session's variables are in scope. `readOnly` runs an expression under V8's side-effect check, as
 * the debugger of a browser does for its watches: whatever would change something, and whatever V8 cannot tell, is refused before it happens. That check ends
 * where a function awaits, so nothing can be awaited there.
 */
import { type Runtime, Session } from "node:inspector"
import { Script } from "node:vm"

/** Variables, helpers and what was imported, by name. */
export type Scope = Record<string, unknown>

/** Milliseconds that what was typed may hold the thread, and everybody else. */
const FULL_MS = 5_000
const READ_ONLY_MS = 500
/** Where the scope is handed over: taken in the same turn, and removed. */
const HANDED = "umbel.shell.scope"

/** It changes something, or might. */
export class SideEffect extends Error {
  override readonly name = "SideEffect"
}
/** It held the thread for too long, and was stopped. */
export class HeldTooLong extends Error {
  override readonly name = "HeldTooLong"
}

export function full(code: string, scope: Scope, line: number): Promise<unknown> {
  const filename = `shell:${line}`
  const text = `(async () => { with (globalThis[${JSON.stringify(HANDED)}]) {\n${code}\n} })()`
  return handing(scope, () => {
    try {
      return new Script(text, { filename, lineOffset: -1 }).runInThisContext({ timeout: FULL_MS }) as Promise<unknown>
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT"
        ? new HeldTooLong(`it held the thread, and everybody else, for ${FULL_MS / 1_000} s and was stopped`)
        : error
    }
  })
}

/** @throws SideEffect, HeldTooLong, or what the expression throws */
export function readOnly(expression: string, scope: Scope): unknown {
  const names = Object.keys(scope).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name))
  const at = JSON.stringify(HANDED)
  const args = names.map((name) => `globalThis[${at}][${JSON.stringify(name)}]`)
  const session = new Session()
  session.connect()
  try {
    return handing(scope, () => {
      const found = post(session, "Runtime.evaluate", {
        expression: `((${names.join(", ")}) => (${expression}))(${args.join(", ")})`,
        throwOnSideEffect: true,
        timeout: READ_ONLY_MS,
      })
      return valueOf(session, found)
    })
  } finally {
    session.disconnect()
  }
}

type Evaluated = Runtime.EvaluateReturnType

/** The inspector of one's own thread answers before `post` returns. */
function post(session: Session, method: "Runtime.evaluate" | "Runtime.callFunctionOn", params: object): Evaluated {
  let answer: Evaluated | undefined
  let failed: Error | null = null
  session.post(method, params, (error: Error | null, result?: object) => {
    failed = error
    answer = result as Evaluated | undefined
  })
  if (failed !== null || answer === undefined)
    throw new HeldTooLong(`it held the thread, and everybody else, for ${READ_ONLY_MS} ms and was stopped`)
  return answer
}

function valueOf(session: Session, { result, exceptionDetails }: Evaluated): unknown {
  if (exceptionDetails !== undefined) {
    const { exception, text } = exceptionDetails
    if (exception?.className === "EvalError" && /side-effect/.test(exception.description ?? "")) {
      throw new SideEffect("it may change something, and this shell only reads")
    }
    if (exception === undefined) throw new Error(text)
    throw valueOf(session, { result: exception })
  }
  if (result.objectId === undefined) return primitive(result)
  // The value itself, which the inspector only describes.
  const taken: { value?: unknown } = {}
  return handing(taken, () => {
    post(session, "Runtime.callFunctionOn", {
      objectId: result.objectId!,
      functionDeclaration: `function () { globalThis[${JSON.stringify(HANDED)}].value = this }`,
    })
    return taken.value
  })
}

function primitive({ type, value, unserializableValue }: Runtime.RemoteObject): unknown {
  if (unserializableValue === undefined) return type === "undefined" ? undefined : value
  return type === "bigint" ? BigInt(unserializableValue.slice(0, -1)) : Number(unserializableValue)
}

function handing<T>(what: object, work: () => T): T {
  const table = globalThis as unknown as Record<string, unknown>
  const before = table[HANDED]
  table[HANDED] = what
  try {
    return work()
  } finally {
    if (before === undefined) delete table[HANDED]
    else table[HANDED] = before
  }
}

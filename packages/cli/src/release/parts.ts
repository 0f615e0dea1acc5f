/** What a release is made of, as the bundle that runs it is told. */
import type { Application, ApplicationType } from "umbel"

export interface ReleaseParts {
  readonly name: string
  readonly version: string
  /** In the order of `umbel.config.ts`. */
  readonly applications: readonly ReleasePart[]
  /** Every application of the umbrella, whether it is in here or not. */
  readonly known: readonly string[]
  /** The configuration of `umbel.config.ts`, as it was when the release was built. */
  readonly config: Readonly<Record<string, object>>
  /** The default export of `runtime.config.ts`; undefined where there is none. */
  readonly runtime: (() => Promise<unknown>) | undefined
  /** The observer, where it was bundled. */
  readonly observer: (() => Promise<Application>) | undefined
}
export interface ReleasePart {
  readonly name: string
  readonly type: ApplicationType
  readonly load: () => Promise<Application>
  /** What its `src/index.ts` exports, for `eval` and `rpc`. */
  readonly exports: (() => Promise<object>) | undefined
}

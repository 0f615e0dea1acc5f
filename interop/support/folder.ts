/** A folder for what a test makes: compiled programs, logs. Gone with the test. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export class TemporaryFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "umbel-interop-"))

  file(name: string): string {
    return join(this.path, name)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** `bin/NAME`: a portable shell script that finds its release and Node.js, and nothing else. */

import { nodeFlagsScript } from "../node-flags.ts"

export const script = (name: string): string => `#!/bin/sh
# ${name}: bin/${name} help says what there is.
set -e

# Where this lies, also when it is called through a symbolic link.
self=$0
while [ -L "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=$(dirname "$self")/$target ;;
  esac
done
home=$(CDPATH= cd -- "$(dirname -- "$self")/.." && pwd -P)

# For this installation: an own Node.js, memory limits, the cookie, …
if [ -f "$home/releases/env.sh" ]; then
  . "$home/releases/env.sh"
fi

node=\${UMBEL_NODEJS:-node}
if ! command -v "$node" >/dev/null 2>&1; then
  echo "${name}: there is no $node in PATH; install Node.js 20.19 or newer, or name one in UMBEL_NODEJS" >&2
  exit 1
fi

# Room for young objects, of which a node makes many.
${nodeFlagsScript}
exec "$node" $flags --enable-source-maps "$home/lib/main.mjs" "$@"
`

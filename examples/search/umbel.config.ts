/** Three applications, three releases of them, two ways to deploy those. */
import { defineUmbrella } from "@umbel/cli"

export default defineUmbrella({
  releases: {
    all: { applications: { index: "permanent", ingest: "permanent", web: "permanent" } },
    back: { applications: { index: "permanent" } },
    front: { applications: { ingest: "permanent", web: "permanent" } },
  },
  deployments: {
    mono: { all: 1 },
    split: { back: 1, front: 1 },
  },
  config: {
    // Every Markdown file of this repository, node_modules included.
    ingest: { folder: "../.." },
  },
  observer: 4040,
  tryFromErlang: (nodeOf) => [`gen_server:call({index, '${nodeOf("index")}'}, {search, [<<"supervisor">>], 5})`],
})

/** The page starts: the theme first, then the connection, then what is shown of it. */
import { render } from "preact"
import { App } from "./app.tsx"
import { Live } from "./live.ts"
import "./styles/base.css"
import "./styles/shell.css"
import "./styles/cluster.css"
import "./styles/tree.css"
import "./styles/panel.css"
import "./styles/events.css"
import "./styles/data.css"
import "./styles/deep.css"
import "./styles/moment.css"
import "uplot/dist/uPlot.min.css"
import { applyTheme, storedTheme } from "./theme.ts"

applyTheme(storedTheme())
const live = new Live(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`)
live.open()
render(<App live={live} />, document.getElementById("page")!)

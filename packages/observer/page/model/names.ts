/**
 * What a process of a tree is called: its registered name or label, or else its id under its supervisor, or else its module.
 *
 * ```ts
 * nameOf({ title: "shop.printer", module: "shop.printer", id: "printer" })   // "printer": the module alone says less
 * ```
 */
import type { TreeView } from "../../src/protocol.ts"

export const nameOf = ({ title, module, id, key }: TreeView): string =>
  title === module && key !== null && id !== "" ? id : title

/** What else there is to say of it: the module, or where that says nothing new, the pid. */
export const detailOf = (view: TreeView): string => (nameOf(view) === view.module ? view.pid : view.module)

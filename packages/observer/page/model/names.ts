/**
 * What a process of a tree is called: its registered name or label, or else its id under its supervisor, or else its module.
 *
 * ```ts
 * nameOf({ title: "shop.printer", module: "shop.printer", id: "printer" })   // "printer": the module alone says less
 * ```
 */
import type { TreeView } from "../../src/views/tree.ts"

export const nameOf = ({ title, module, id, key }: TreeView): string =>
  title === module && key !== null && id !== "" ? id : title

/** What else there is to say of it: its module; or its pid, where the module says nothing new or siblings are called the same. */
export const detailOf = (view: TreeView, ambiguous: boolean): string =>
  ambiguous || nameOf(view) === view.module ? view.pid : view.module

/**
 * A table of data: dense, sortable by its heads, with rows that lead somewhere.
 *
 * ```tsx
 * <Table columns={[{ key: "name", title: "Name", cell: (row) => row.name }]} rows={rows} onOpen={(row) => open(row.key)} />
 * ```
 *
 * On a phone, columns with `wide` are left out.
 */
import type { ComponentChildren } from "preact"

export interface Column<R> {
  readonly key: string
  readonly title: string
  /** What the head says when pointed at. */
  readonly hint?: string
  /** Numbers stand at the right. */
  readonly number?: boolean
  readonly wide?: boolean
  readonly cell: (row: R) => ComponentChildren
}
export interface Sort {
  readonly by: string
  readonly ascending: boolean
}
interface Props<R> {
  readonly label: string
  readonly columns: readonly Column<R>[]
  readonly rows: readonly R[]
  readonly sort?: Sort
  /** A head was chosen that can be sorted by. */
  readonly onSort?: (by: string) => void
  readonly onOpen?: (row: R) => void
  readonly selected?: string | null
}

export function Table<R extends { readonly key: string }>(props: Props<R>) {
  const { label, columns, rows, onOpen, selected = null } = props
  return (
    <div class="table-room">
      <table class="data" aria-label={label}>
        <Heads {...props} />
        <tbody>
          {rows.map((row) => (
            <tr
              key={row.key}
              class={`${onOpen === undefined ? "" : "leads"} ${row.key === selected ? "selected" : ""}`}
              tabIndex={onOpen === undefined ? undefined : 0}
              data-step={onOpen === undefined ? undefined : ""}
              onClick={(event) => {
                // A link in a row leads to where it leads.
                if (onOpen !== undefined && !(event.target as Element).closest("a, button")) onOpen(row)
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter" && event.target === event.currentTarget) onOpen?.(row)
              }}
            >
              {columns.map(({ key, cell, number, wide }) => (
                <td key={key} class={`${number ? "number" : ""} ${wide ? "wide" : ""}`}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function Heads<R>({ columns, sort, onSort }: Pick<Props<R>, "columns" | "sort" | "onSort">) {
  return (
    <thead>
      <tr>
        {columns.map(({ key, title, hint, number, wide }) => {
          const direction = sort?.by !== key ? "none" : sort.ascending ? "ascending" : "descending"
          return (
            <th
              key={key}
              scope="col"
              title={hint}
              class={`c-${key} ${number ? "number" : ""} ${wide ? "wide" : ""}`}
              aria-sort={onSort === undefined ? undefined : direction}
            >
              {onSort === undefined ? (
                title
              ) : (
                <button type="button" class="sorter" onClick={() => onSort(key)}>
                  {title}
                  <i aria-hidden="true">{direction === "none" ? "" : direction === "ascending" ? "↑" : "↓"}</i>
                </button>
              )}
            </th>
          )
        })}
      </tr>
    </thead>
  )
}

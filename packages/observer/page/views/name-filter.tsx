/** The box above a list of names: what is typed stands in the address as `filter`, so that a link shows the same. */
import { useNavigation } from "../navigation.ts"

export function NameFilter({ text }: { text: string }) {
  const { replace } = useNavigation()
  return (
    <search class="filters">
      <input
        type="text"
        aria-label="Text in names"
        placeholder="containing …"
        value={text}
        onInput={(event) => replace({ filter: event.currentTarget.value })}
      />
    </search>
  )
}

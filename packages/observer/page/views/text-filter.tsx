/** A box for a text that a list is narrowed by: what is typed stands in the address, so that a link shows the same. */
import { useNavigation } from "../navigation.ts"

/** `of`: under which name it stands there. */
export function TextFilter({ label, of, text }: { label: string; of: string; text: string }) {
  const { replace } = useNavigation()
  return (
    <input
      type="text"
      aria-label={label}
      placeholder="containing …"
      value={text}
      onInput={(event) => replace({ [of]: event.currentTarget.value })}
    />
  )
}

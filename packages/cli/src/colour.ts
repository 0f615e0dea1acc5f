/**
 * Whether to write in colour, by https://no-color.org and FORCE_COLOR, as the library does for its reports. It stands here too as most commands do
 * without the library, whose loading is a good part of their time.
 */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false
  if (env["FORCE_COLOR"] !== undefined) return env["FORCE_COLOR"] !== "0"
  return stream.isTTY === true
}

/** Light, dark, or as the system says; remembered in this browser. */
export type Theme = "auto" | "light" | "dark"

const KEY = "umbel-observer-theme"
const THEMES: readonly Theme[] = ["auto", "light", "dark"]

export function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY)
  return THEMES.find((theme) => theme === stored) ?? "auto"
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme
  localStorage.setItem(KEY, theme)
}

export const nextTheme = (theme: Theme): Theme => THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!

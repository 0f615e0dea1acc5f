/** Whether a key goes into a field, and is no key of the page. */
export const isTyping = ({ target }: Event): boolean =>
  (target instanceof HTMLInputElement && target.type !== "range") ||
  target instanceof HTMLSelectElement ||
  target instanceof HTMLTextAreaElement

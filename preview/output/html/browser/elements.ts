/**
 * Finds an element that every page has.
 *
 * @throws Error if the page lacks it
 */
export function find<T extends Element = HTMLElement>(selector: string): T {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`the page has no ${selector}`);
  return element;
}

/** Replaces the content of an element. A control for the same region keeps the focus. */
export function replaceContent(element: Element, html: string): void {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const region = focused?.getAttribute("data-region");
  element.innerHTML = html;
  if (region === null || region === undefined) return;
  element.querySelector<HTMLElement>(`button[data-region="${CSS.escape(region)}"]`)?.focus();
}

import { prepareTables } from './tables.js';

/**
 * With a script at work, `noscript` holds its markup as text. It is markup that this page came
 * with, escaped where it was made; parsing it here runs nothing.
 */
export function parsed(noscript: Element): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const { body } = new DOMParser().parseFromString(noscript.textContent ?? '', 'text/html');
  fragment.append(...body.childNodes);
  return fragment;
}

export function unfold(details: Element): void {
  for (const child of [...details.children]) {
    if (child.localName !== 'noscript') continue;
    const fragment = parsed(child);
    prepareTables(fragment);
    child.replaceWith(fragment);
  }
}

export function unfoldWhenAsked(): void {
  // The event does not bubble, but it is caught on its way down.
  addEventListener(
    'toggle',
    ({ target }) => {
      if (target instanceof HTMLDetailsElement && target.open) unfold(target);
    },
    true,
  );
}

import { parsed, unfold } from './lazy.js';
import type { Slicer } from './slicer.js';

/** Shows what the address of the window names, wherever it is folded away. */
export function openAddress(slicer: Slicer | null): void {
  const id = decodeURIComponent(location.hash.slice(1));
  if (id === '') return;
  if (slicer?.show(id)) return;
  if (!document.getElementById(id)) unfoldHolder(id);
  const target = document.getElementById(id);
  if (!target) return;
  for (let at = target.parentElement; at; at = at.parentElement) {
    if (at instanceof HTMLDetailsElement) at.open = true;
  }
  mark(target);
}

export function mark(target: Element): void {
  for (const before of document.querySelectorAll('.target')) before.classList.remove('target');
  target.classList.add('target');
  target.scrollIntoView({ block: target.localName === 'tr' ? 'center' : 'start' });
}

function unfoldHolder(id: string): void {
  for (const noscript of document.querySelectorAll('details > noscript')) {
    if (!noscript.textContent?.includes(`id="${CSS.escape(id)}"`)) continue;
    if (!parsed(noscript).getElementById(id) || !noscript.parentElement) continue;
    unfold(noscript.parentElement);
    return;
  }
}

import { button } from './elements.js';

/** The system's theme until somebody chooses another. */
export function offerThemes(tools: HTMLElement): void {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const toggle = button('', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    name();
  });
  const name = () => {
    toggle.textContent = isDark() ? 'Light' : 'Dark';
    toggle.title = isDark() ? 'Show it light' : 'Show it dark';
  };
  name();
  system.addEventListener('change', name);
  tools.append(toggle);
}

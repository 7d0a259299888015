/**
 * SVG as text. Whatever came from outside passes through `escaped` on its way in, here and nowhere
 * else: names and messages are the target's, and a target may be hostile.
 */

export type Attributes = Readonly<Record<string, string | number | undefined>>;

// What XML forbids, what moves a terminal's cursor, and what hides text or turns its direction.
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff0-\uffff\p{Cs}]|[\u{e0000}-\u{e0fff}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** One line of what can be seen. */
export function seen(text: string): string {
  return text.replace(/\s/g, ' ').replace(UNSEEN, '').replace(/ +/g, ' ').trim();
}

export function escaped(text: string): string {
  return withEntities(seen(text));
}

/** What is printed into the log of a job must not be an order to what runs it: ::error::, ##[error]. */
export const ORDER = /(?<=:):|(?<=#)#/g;

/** Nothing in it is markup any more, nor an order. */
export function withEntities(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
    .replace(ORDER, (sign) => `&#${sign.charCodeAt(0)};`);
}

/**
 * An element; an attribute that is undefined is left out.
 *
 * @example element('path', { d: 'M0 0h5', class: 'grid' }) // '<path d="M0 0h5" class="grid"/>'
 */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? px(value) : escaped(value!)}"`)
    .join('');
  const content = children.join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** A length to a tenth of a pixel, as short as it can be written. */
export function px(value: number): string {
  const rounded = Math.round(value * 10) / 10;
  return String(rounded === 0 ? 0 : rounded).replace(/^(-?)0\./, '$1.');
}

/** A whole chart; its size is fixed, so that its text has the size that it was laid out for. */
export function chart(
  { id, width, height, name }: { id: string; width: number; height: number; name: string },
  { title, description }: { title: string; description: string },
  ...children: string[]
): string {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      id,
      class: `chart ${name}`,
      width,
      height,
      viewBox: `0 0 ${px(width)} ${px(height)}`,
      role: 'img',
      'aria-labelledby': `${id}-title ${id}-desc`,
    },
    element('title', { id: `${id}-title` }, escaped(title) || '.'),
    element('desc', { id: `${id}-desc` }, escaped(description) || '.'),
    ...children,
  );
}

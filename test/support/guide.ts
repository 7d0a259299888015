/** A fenced block of a page: a language, or none. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** The blocks of a section, by the beginning of its heading, up to the next heading of any level. */
export function blocksOf(page: string, heading: string): Block[] {
  const blocks: Block[] = [];
  let section = '';
  let open: { language: string; lines: string[] } | null = null;
  for (const line of page.split('\n')) {
    if (line.startsWith('```')) {
      if (open === null) open = { language: line.slice(3), lines: [] };
      else {
        const text = open.lines.map((one) => `${one}\n`).join('');
        if (section.startsWith(heading)) blocks.push({ language: open.language, text });
        open = null;
      }
    } else if (open !== null) open.lines.push(line);
    else if (/^#+ /.test(line)) section = line.replace(/^#+ /, '');
  }
  return blocks;
}

/** The commands of a block of shell; one may take several lines. */
export function linesOf({ text }: Block): string[] {
  const lines: string[] = [];
  let quoted = false;
  for (const line of text.trimEnd().split('\n')) {
    const last = lines.at(-1);
    if (last !== undefined && (quoted || last.endsWith('\\')))
      lines[lines.length - 1] += `\n${line}`;
    else lines.push(line);
    if ((line.match(/'/g)?.length ?? 0) % 2 === 1) quoted = !quoted;
  }
  return lines;
}

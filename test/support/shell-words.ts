/** The words of one line of a shell: quotes are taken off, a comment is left out. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  const token = /\s*(?:(#.*$)|((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+))/gy;
  for (const [, comment, word] of line.matchAll(token)) {
    if (comment !== undefined) break;
    if (word === undefined) continue;
    words.push(
      word.replace(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g, (_, single, double, escaped) => {
        return single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped;
      }),
    );
  }
  return words;
}

/** The commands of a page: blocks of shell, and sentences and tables where a whole one stands. */
export function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.replace(/\\\n\s*/g, ' ').split('\n'),
  );
  const inline = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)]
    .map(([, code = '']) => code)
    .filter((code) => / --/.test(code) && !/\b(COMMAND|RUN)\b|…/.test(code));
  return (
    [...blocks, ...inline]
      .map((line) => line.trim().replace(/^npx /, ''))
      // The tour and its service take their time: test/cli/demo.test.ts runs them.
      .filter((line) => /^isochrone (?!demo)/.test(line))
      .map((line) => line.replace(/\s+(#.*|> [\w.-]+)$/, ''))
  );
}

/** Those against a deployment, or that make one; test/cloud/cli.test.ts and test/emulator have one. */
export function isOnAws(line: string): boolean {
  return / --on aws\b|^isochrone (deploy|destroy|doctor)\b/.test(line);
}

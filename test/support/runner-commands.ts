export interface RunnerCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly text: string;
}

/** What GitHub's runner would carry out in a log, by its own two grammars. */
export function runnerCommands(log: string): RunnerCommand[] {
  return log.split(/\r?\n|\r/).flatMap((line) => {
    const [, name = '', properties = '', text = ''] =
      /^\s*::([A-Za-z_-][\w-]*)(?: (.*?))?::(.*)$/.exec(line) ?? [];
    if (name !== '') return [{ name, properties: propertiesOf(properties), text: decoded(text) }];
    const [, old = ''] = /##\[(\w*)/.exec(line) ?? [];
    return old === '' ? [] : [{ name: old, properties: {}, text: line }];
  });
}

function propertiesOf(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.split(/=(.*)/s, 2));
  return Object.fromEntries(pairs.map(([key = '', value = '']) => [key, decoded(value)]));
}

function decoded(text: string): string {
  return text.replace(/%(25|0D|0A|3A|2C)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

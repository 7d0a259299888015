import type { Command } from 'commander';

/** What a shell needs to know of a command line to complete it: commander's tree, without code. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  readonly arguments: readonly ValueWords[];
}

export interface OptionWords {
  /** `-X`, where there is one. */
  readonly short: string | null;
  /** `--method`. */
  readonly long: string;
  readonly summary: string;
  readonly repeatable: boolean;
  /** null: it takes none. */
  readonly value: ValueWords | null;
}

export interface ValueWords {
  readonly name: string;
  readonly kind: 'run' | 'file' | 'folder' | 'choice' | 'choice=file' | 'free';
  /** Of a choice, and of one with a file behind it. */
  readonly choices: readonly string[];
}

/** Values that are paths or runs, by the name that the help gives them. */
const KINDS: Readonly<Record<string, ValueWords['kind']>> = {
  run: 'run',
  'plan|url': 'file',
  file: 'file',
  body: 'file',
  json: 'file',
  folder: 'folder',
};

/** Of every command that the help shows. */
export function commandWords(root: Command): CommandWords[] {
  const help = root.createHelp();
  return help.visibleCommands(root).map((command) => ({
    name: command.name(),
    summary: command.summary() || command.description(),
    options: help.visibleOptions(command).flatMap((option) => {
      const { long, short, flags, description, argChoices, variadic, parseArg } = option;
      if (!long) return [];
      const name = /[<[](.+)[>\]]/.exec(flags)?.[1] ?? null;
      return {
        short: short ?? null,
        long,
        summary: oneLine(description),
        repeatable: variadic || (parseArg !== undefined && /repeatable/.test(description)),
        value: name === null ? null : valueWords(name, argChoices),
      };
    }),
    arguments: command.registeredArguments.map((argument) =>
      valueWords(argument.name(), argument.argChoices),
    ),
  }));
}

function valueWords(name: string, choices: readonly string[] | undefined): ValueWords {
  if (choices) return { name, kind: name.endsWith('=file') ? 'choice=file' : 'choice', choices };
  return { name, kind: KINDS[name] ?? 'free', choices: [] };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

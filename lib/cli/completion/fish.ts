import type { CommandWords, ValueWords } from './command-words.js';

export function fishCompletion(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, summary, options, arguments: positional }) => [
    `complete -c isochrone -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
    ...positional.map((value) => `${inside(name)} ${candidates(value)}`),
    ...options.map(({ short, long, summary: what, value }) =>
      [
        inside(name),
        ...(short === null ? [] : [`-s ${short.slice(1)}`]),
        `-l ${long.slice(2)}`,
        ...(value === null ? [] : ['-r', candidates(value)]),
        `-d ${quoted(what)}`,
      ].join(' '),
    ),
  ]);
  return `# Completion of isochrone for fish:
#   isochrone completion fish | source
function __isochrone_runs
  set -l words (commandline -opc)
  set -l at (contains -i -- --store $words)
  and isochrone __complete runs --store $words[(math $at + 1)] 2>/dev/null
  or isochrone __complete runs 2>/dev/null
end
complete -c isochrone -f
${lines.join('\n')}
`;
}

function inside(command: string): string {
  return `complete -c isochrone -n '__fish_seen_subcommand_from ${command}'`;
}

function candidates({ kind, choices }: ValueWords): string {
  switch (kind) {
    case 'run':
      return "-f -a '(__isochrone_runs)'";
    case 'file':
      return '-F';
    case 'folder':
      return "-f -a '(__fish_complete_directories)'";
    case 'choice':
      return `-f -a '${choices.join(' ')}'`;
    case 'choice=file':
      return `-F -a '${choices.join('= ')}='`;
    case 'free':
      return '-f';
  }
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}

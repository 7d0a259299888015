import type { CommandWords, ValueWords } from './command-words.js';

/** Works in bash 3.2 too, which macOS has. Paths are left to the shell: `-o default`. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `# Completion of isochrone for bash:
#   source <(isochrone completion bash)
_isochrone() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local words= runs= store= word i
  COMPREPLY=()
  # Behind format= stands a path.
  [[ $cur == '=' || $prev == '=' ]] && return
  if ((COMP_CWORD == 1)); then
    words='${names} --help --version'
  else
    case "\${COMP_WORDS[1]} $prev" in
${afterOptions(commands)}
      *)
        case $cur in
          -*)
            case \${COMP_WORDS[1]} in
${commands.map((command) => `              ${command.name}) words='${optionNames(command)}' ;;`).join('\n')}
            esac
            ;;
          *)
            case \${COMP_WORDS[1]} in
${commands
  .flatMap(argumentsOf)
  .map((line) => `              ${line}`)
  .join('\n')}
            esac
            ;;
        esac
        ;;
    esac
  fi
  if [[ -n $runs ]]; then
    for ((i = 2; i < COMP_CWORD; i++)); do
      [[ \${COMP_WORDS[i]} == --store ]] && store=\${COMP_WORDS[i + 1]}
    done
    # Labels may have spaces.
    while IFS= read -r word; do
      [[ $word == "$cur"* ]] && COMPREPLY+=("$(printf %q "$word")")
    done < <("$1" __complete runs \${store:+--store "$store"} 2>/dev/null)
  elif [[ -n $words ]]; then
    while IFS= read -r word; do
      COMPREPLY+=("$word")
    done < <(compgen -W "$words" -- "$cur")
  fi
}
complete -o default -F _isochrone isochrone
`;
}

/** What follows an option that takes a value; most can only be typed, or are paths. */
function afterOptions(commands: readonly CommandWords[]): string {
  const patterns = new Map<string, string[]>();
  for (const { name, options } of commands) {
    for (const { short, long, value } of options) {
      if (value === null) continue;
      const ours = patterns.get(effect(value)) ?? [];
      patterns.set(effect(value), ours);
      ours.push(...[long, short].flatMap((flag) => (flag === null ? [] : `'${name} ${flag}'`)));
    }
  }
  return [...patterns]
    .map(([what, ours]) => `      ${ours.join(' | \\\n        ')}) ${what};;`)
    .join('\n');
}

function argumentsOf({ name, arguments: [first] }: CommandWords): string[] {
  return first && first.kind !== 'free' ? [`${name}) ${effect(first)};;`] : [];
}

function effect({ kind, choices }: ValueWords): string {
  if (kind === 'choice') return `words='${choices.join(' ')}' `;
  if (kind === 'choice=file') {
    return `words='${choices.join('= ')}='; compopt -o nospace 2>/dev/null `;
  }
  return kind === 'run' ? 'runs=1 ' : '';
}

function optionNames({ options }: CommandWords): string {
  return options.map(({ long }) => long).join(' ');
}

import type { CommandWords, OptionWords, ValueWords } from './command-words.js';

/** To be sourced, or to be put as `_isochrone` into a folder of `fpath`. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  return `#compdef isochrone
# Completion of isochrone for zsh:
#   source <(isochrone completion zsh)
_isochrone_runs() {
  local -a runs
  runs=("\${(@f)$(isochrone __complete runs \${opt_args[--store]:+--store} \${opt_args[--store]} 2>/dev/null)}")
  compadd -a runs
}

# format=file
_isochrone_out() {
  if compset -P '*='; then
    _files
  else
    compadd -S = "$@"
  fi
}

_isochrone() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map(branch).join('\n')}
  esac
}

if [[ $funcstack[1] == _isochrone ]]; then
  _isochrone "$@"
else
  compdef _isochrone isochrone
fi
`;
}

function branch({ name, options, arguments: positional }: CommandWords): string {
  const specs = [
    ...options.map(optionSpec),
    ...positional.map((value, index) => quoted(`${index + 1}:${valueSpec(value)}`)),
  ];
  return [`    ${name})`, `      _arguments -s ${specs.join(' \\\n        ')}`, '      ;;'].join(
    '\n',
  );
}

function optionSpec({ short, long, summary, repeatable, value }: OptionWords): string {
  const rest = `[${escaped(summary)}]${value === null ? '' : `:${valueSpec(value)}`}`;
  const longForm = value === null ? long : `${long}=`;
  const again = repeatable ? '*' : '';
  if (short === null) return quoted(`${again}${longForm}${rest}`);
  const others = repeatable ? '*' : `(${short} ${long})`;
  return `${quoted(others)}{${short},${longForm}}${quoted(rest)}`;
}

function valueSpec({ name, kind, choices }: ValueWords): string {
  const action = {
    run: '_isochrone_runs',
    file: '_files',
    folder: '_files -/',
    choice: `(${choices.join(' ')})`,
    'choice=file': `_isochrone_out ${choices.join(' ')}`,
    free: '',
  }[kind];
  return `${escaped(name)}:${action}`;
}

function escaped(text: string): string {
  return text.replace(/[[\]:\\]/g, '\\$&');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

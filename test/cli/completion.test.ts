import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { main, program } from '../../lib/cli/program.js';
import { FolderStore } from '../../lib/store/folder-store.js';
import { runFiles } from '../../lib/store/run-files.js';
import { heardTerminal } from '../support/heard-terminal.js';
import { COMMAND } from '../support/isochrone.js';
import { runState } from '../support/run-state.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const scratch = temporaryFolder();
const RUN = '20261121-141503-checkout-7f3a';

async function isochrone(args: readonly string[]): Promise<{ code: number; out: string }> {
  const { terminal, said } = heardTerminal();
  const code = await main(args, terminal);
  return { code, out: said().out };
}

describe.each(['bash', 'zsh', 'fish'])('completion for %s', (shell) => {
  test('knows every command and every flag that the help shows, and none besides', async () => {
    const { code, out } = await isochrone(['completion', shell]);
    expect(code).toBe(0);
    const root = program(heardTerminal().terminal);
    const shown = root.createHelp().visibleCommands(root);
    for (const command of root.commands) {
      // The shell asks __complete itself.
      if (command.name() === '__complete') continue;
      const named = new RegExp(`\\b${command.name()}\\b`).test(out);
      expect(named, command.name()).toBe(shown.includes(command));
      for (const { long, hidden } of named ? command.options : []) {
        const flag = shell === 'fish' ? `-l ${long?.slice(2)} ` : `${long}`;
        if (!hidden) expect(out).toContain(flag);
      }
    }
  });
});

test('another shell is refused by name', async () => {
  expect((await isochrone(['completion', 'tcsh'])).code).toBe(2);
});

const BASH = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash'].find((path) => existsSync(path));

describe.skipIf(BASH === undefined)('in a real bash', () => {
  const bin = mkdtempSync(join(scratch, 'bin-'));
  const folder = mkdtempSync(join(scratch, 'home-'));
  writeFileSync(
    join(bin, 'isochrone'),
    `#!/bin/sh\nexec "${process.execPath}" "${COMMAND}" "$@"\n`,
  );
  chmodSync(join(bin, 'isochrone'), 0o755);

  function bash(script: string): string[] {
    const out = execFileSync(
      BASH!,
      ['--norc', '-c', `source <(isochrone completion bash)\n${script}`],
      {
        cwd: folder,
        env: { PATH: `${bin}:${process.env.PATH}` },
        encoding: 'utf8',
      },
    );
    return out.split('\n').filter((line) => line !== '');
  }

  /** What bash would offer for the last of these words. */
  function offered(...words: readonly string[]): string[] {
    const quoted = ['isochrone', ...words].map((word) => `'${word}'`).join(' ');
    return bash(
      `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _isochrone isochrone
printf '%s\\n' "\${COMPREPLY[@]}"`,
    );
  }

  test('it is registered, and paths are left to the shell', () => {
    expect(bash('complete -p isochrone')).toEqual(['complete -o default -F _isochrone isochrone']);
    expect(offered('run', '')).toEqual([]);
    expect(offered('run', '--out', 'html', '=', '')).toEqual([]);
    expect(offered('report', '--out', 'html', '=', 'a')).toEqual([]);
  });

  test.each<[readonly string[], readonly string[]]>([
    [['wat'], ['watch']],
    [['re'], ['report']],
    [
      ['watch', '--json'],
      ['--json', '--json-stream'],
    ],
    [
      ['run', 'http://a/', '--ra'],
      ['--rate', '--ramp'],
    ],
    [
      ['schema', ''],
      ['plan', 'report'],
    ],
    [
      ['report', '--format', 'h'],
      ['html', 'hlog'],
    ],
    [
      ['watch', '--out', 'j'],
      ['json=', 'junit='],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
  ])('%j is completed to %j', (words, expected) => {
    expect(offered(...words).sort()).toEqual([...expected].sort());
  });

  test('a run is completed by its id and its label, wherever runs are kept', async () => {
    expect(offered('watch', '')).toEqual([]);
    for (const [store, label] of [
      ['isochrone-runs', '4 workers'],
      ['elsewhere', null],
    ] as const) {
      const files = runFiles(FolderStore.open(join(folder, store)), RUN);
      await files.state.write(runState(RUN, { label }));
    }
    expect(offered('watch', '')).toEqual(['latest', '4\\ workers', RUN]);
    expect(offered('report', '2026')).toEqual([RUN]);
    expect(offered('stop', '--store', 'elsewhere', '')).toEqual(['latest', RUN]);
    expect(offered('watch', '--store', 'nowhere', '')).toEqual([]);
  });
});

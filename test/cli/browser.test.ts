import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openers, openInBrowser } from '../../lib/cli/browser.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PAGE = '/runs/a b/report.html';

describe('what opens a page', () => {
  test.each<[string, NodeJS.Platform, Record<string, string>, string[]]>([
    ['a Mac', 'darwin', {}, ['open']],
    ['Windows', 'win32', {}, ['cmd']],
    ['a desktop', 'linux', { DISPLAY: ':0' }, ['xdg-open']],
    ['a desktop of Wayland', 'freebsd', { WAYLAND_DISPLAY: 'w' }, ['xdg-open']],
    ['Linux in Windows', 'linux', { WSL_DISTRO_NAME: 'Debian' }, ['wslview']],
    ['a machine without a screen', 'linux', {}, []],
    [
      'a choice of the user',
      'linux',
      { BROWSER: 'firefox', DISPLAY: ':0' },
      ['firefox', 'xdg-open'],
    ],
    ['the same without a screen', 'linux', { BROWSER: 'w3m' }, ['w3m']],
    ['a wish for none', 'darwin', { BROWSER: 'none' }, []],
  ])('on %s', (_, platform, env, commands) => {
    expect(openers(PAGE, env, platform).map(({ command }) => command)).toEqual(commands);
  });

  test('BROWSER may say where the page goes among its arguments', () => {
    const of = (BROWSER: string) => openers(PAGE, { BROWSER }, 'linux')[0]?.args;
    expect(of('firefox')).toEqual([PAGE]);
    expect(of('firefox --new-window')).toEqual(['--new-window', PAGE]);
    expect(of('open --url=%s -n')).toEqual([`--url=${PAGE}`, '-n']);
  });

  test('for Windows it is one word, whatever its path', () => {
    const [opener] = openers('/runs/a b&c/"d".html', {}, 'win32');
    expect(opener?.args.slice(0, 3)).toEqual(['/c', 'start', '""']);
    expect(opener?.args[3]).toMatch(/^"file:\/\/\/[^" ]*"$/);
  });
});

describe.skipIf(process.platform === 'win32')('opening', () => {
  const folder = mkdtempSync(join(temporaryFolder(), 'browser-'));
  const browser = join(folder, 'browser');
  writeFileSync(browser, `#!/bin/sh\necho "$@" > ${folder}/opened\n`);
  chmodSync(browser, 0o755);
  const PATH = process.env.PATH;

  test('goes on to the next where one is not there', async () => {
    const BROWSER = `no-such-browser:${browser}`;
    expect(await openInBrowser(PAGE, { PATH, BROWSER }, 'linux')).toBe(true);
    await expect.poll(() => read(join(folder, 'opened'))).toBe(`${PAGE}\n`);
  });

  test('says so where there is none', async () => {
    expect(await openInBrowser(PAGE, { PATH, BROWSER: 'no-such-browser' }, 'linux')).toBe(false);
    expect(await openInBrowser(PAGE, { PATH }, 'linux')).toBe(false);
  });
});

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

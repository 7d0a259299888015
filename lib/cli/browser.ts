import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A command with its arguments, and whether they are passed on as they are (Windows). */
interface Opener {
  readonly command: string;
  readonly args: readonly string[];
  readonly verbatim?: true;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Shows a file in the user's browser, which stays when we go; false: there is none that we know. */
export async function openInBrowser(
  path: string,
  env: Environment,
  platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
  for (const opener of openers(path, env, platform)) if (await started(opener, env)) return true;
  return false;
}

/** What may open a file, the best first. `BROWSER` is a list of commands, as others read it. */
export function openers(path: string, env: Environment, platform: NodeJS.Platform): Opener[] {
  if (env.BROWSER === 'none') return [];
  const chosen = (env.BROWSER ?? '').split(delimiter).flatMap((line): Opener[] => {
    const [command = '', ...args] = line.trim().split(/\s+/);
    if (command === '') return [];
    if (!args.some((arg) => arg.includes('%s'))) return [{ command, args: [...args, path] }];
    return [{ command, args: args.map((arg) => arg.replaceAll('%s', path)) }];
  });
  return [...chosen, ...systemOpeners(path, env, platform)];
}

function systemOpeners(path: string, env: Environment, platform: NodeJS.Platform): Opener[] {
  if (platform === 'darwin') return [{ command: 'open', args: [path] }];
  if (platform === 'win32') {
    // A URL has no spaces and no quotes; what else cmd means something by stands within quotes.
    const url = `"${pathToFileURL(path).href}"`;
    return [{ command: 'cmd', args: ['/c', 'start', '""', url], verbatim: true }];
  }
  // Without a screen a browser would open in the terminal, if any did.
  const screen = env.DISPLAY || env.WAYLAND_DISPLAY;
  return [
    ...(env.WSL_DISTRO_NAME ? [{ command: 'wslview', args: [path] }] : []),
    ...(screen ? [{ command: 'xdg-open', args: [path] }] : []),
  ];
}

async function started({ command, args, verbatim }: Opener, env: Environment): Promise<boolean> {
  const child = spawn(command, args, {
    detached: true,
    stdio: 'ignore',
    env: { ...env },
    windowsVerbatimArguments: verbatim ?? false,
  });
  try {
    await once(child, 'spawn');
  } catch {
    return false;
  }
  // How it goes on is its own business.
  child.on('error', () => {});
  child.unref();
  return true;
}

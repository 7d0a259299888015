import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Character } from '../../bench/target-server.js';

const PROGRAM = fileURLToPath(new URL('../../dist/bench/target-process.js', import.meta.url));

export interface Seen {
  readonly count: number;
  readonly most: number;
  readonly connections: number;
  readonly stalls: readonly (readonly [number, number])[];
}

/** A target in its own process: when it stalls, the client does not. Needs the built program. */
export interface RemoteTarget {
  readonly url: string;
  seen(): Promise<Seen>;
  close(): void;
}

export async function remoteTarget(character: Character = {}): Promise<RemoteTarget> {
  const child = fork(PROGRAM, [JSON.stringify(character)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return {
    url: line.toString().trim(),
    seen: async () => {
      child.send('seen');
      const [seen] = (await once(child, 'message')) as [Seen];
      return seen;
    },
    close: () => child.kill(),
  };
}

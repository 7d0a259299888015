import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Body, Input, Plan } from '../plan/plan.js';

/** Where inputs are kept; the bytes, or null where they are not. */
interface InputStore {
  read(sha256: string): Promise<Uint8Array | null>;
}

/**
 * The inputs of one plan on this machine. They are named by their digest alone: where the plan says
 * that a file was, whoever forged it may have written anything. The folder is gone when it is closed.
 */
export class InputFiles {
  readonly #store: InputStore;
  readonly #files = new Map<string, string>();
  #folder: string | null = null;

  constructor(store: InputStore) {
    this.#store = store;
  }

  /** Its bytes, which are those that the plan was read with. */
  async read({ sha256, bytes, file }: Input): Promise<Uint8Array> {
    const found = /^[0-9a-f]{64}$/.test(sha256) ? await this.#store.read(sha256) : null;
    if (!found) throw new Error(`${file} is not among the inputs of the run`);
    const digest = createHash('sha256').update(found).digest('hex');
    if (digest !== sha256 || found.length !== bytes) {
      throw new Error(`${file} is not what it was when the plan was read`);
    }
    return found;
  }

  /** Brings what requests send; of a plan that needs nothing, nothing is touched. */
  async bring(plan: Plan): Promise<void> {
    for (const input of bodyInputs(plan)) {
      if (this.#files.has(input.sha256)) continue;
      const content = await this.read(input);
      this.#folder ??= await mkdtemp(join(tmpdir(), 'isochrone-inputs-'));
      const path = join(this.#folder, input.sha256);
      await writeFile(path, content);
      this.#files.set(input.sha256, path);
    }
  }

  fileOf({ sha256, file }: Input): string {
    const path = this.#files.get(sha256);
    if (path === undefined) throw new Error(`${file} was not brought here`);
    return path;
  }

  async close(): Promise<void> {
    this.#files.clear();
    const folder = this.#folder;
    this.#folder = null;
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

function bodyInputs({ requests }: Plan): Input[] {
  const inputsOf = ({ input, parts = [] }: Body): Input[] => [
    ...(input ? [input] : []),
    ...parts.flatMap(({ body }) => inputsOf(body)),
  ];
  return requests.flatMap(({ body }) => (body ? inputsOf(body) : []));
}

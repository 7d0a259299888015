import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/** What a person answers when a program asks: the first question that matches what is on the screen. */
export interface Answer {
  readonly to: RegExp;
  readonly with: string;
}

export interface Typed {
  readonly code: number;
  /** All that was on the screen, answers included. */
  readonly screen: string;
}

/** Takes commands from a file of its own: the keyboard is for those who ask. */
const LOOP = `stty cols 80 rows 50
while IFS= read -r -d '' -u 3 command; do
  eval "$command" 3<&-
  printf '\\0%d\\0' $?
done`;
const DONE = /\0(\d+)\0/;
const TERMINAL =
  'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

/**
 * One shell at one terminal, as a person has it who types what a page says: variables last from one
 * command to the next, and programs may ask.
 */
export class TypedShell {
  readonly #child: ChildProcess;
  #screen = '';
  #heard: () => void = () => {};
  #lost: (error: Error) => void = () => {};

  constructor(setting: {
    readonly python: string;
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
  }) {
    const { python, cwd, env } = setting;
    this.#child = spawn(python, ['-c', TERMINAL, 'bash', '-c', LOOP], {
      ...{ cwd, env },
      stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#screen += text;
      this.#heard();
    });
    this.#child.once('close', () => this.#lost(new Error(`the shell is gone:\n${this.#screen}`)));
  }

  /** Types a command and waits for its end. */
  async type(command: string, answers: readonly Answer[] = []): Promise<Typed> {
    this.#screen = '';
    let asked = 0;
    const ended = new Promise<Typed>((resolve, reject) => {
      this.#lost = reject;
      this.#heard = () => {
        const done = DONE.exec(this.#screen);
        if (done) {
          resolve({ code: Number(done[1]), screen: this.#screen.slice(0, done.index) });
          return;
        }
        const news = this.#screen.slice(asked);
        const answer = answers.find(({ to }) => to.test(news));
        if (!answer) return;
        asked = this.#screen.length;
        this.#child.stdin!.write(`${answer.with}\n`);
      };
    });
    (this.#child.stdio[3] as Writable).write(`${command}\0`);
    return ended;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill();
    await closed;
  }
}

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

const REFRESH_MS = 30_000;

/**
 * The addresses behind the target's name: looked up when a worker is armed and every 30 s off the
 * hot path, handed out in turn. A pinned name or a literal address is never looked up. Of a name
 * with addresses of both families those of IPv4 are used, unless nobody answers there: many a
 * server on localhost listens on ::1 alone.
 */
export class AddressBook {
  readonly #host: string;
  readonly #fixed: boolean;
  readonly #onLookup: (durationUs: number) => void;
  /** By family, the one to be used first; only those that the name has. */
  #families: readonly (readonly string[])[] = [];
  #family = 0;
  #answered = false;
  #turn = 0;
  #timer: NodeJS.Timeout | null = null;
  #pending: Promise<void> | null = null;

  constructor(host: string, pin: string | undefined, onLookup: (durationUs: number) => void) {
    this.#host = host;
    const literal = pin ?? host;
    this.#fixed = isIP(literal) !== 0;
    if (this.#fixed) this.#families = [[literal]];
    this.#onLookup = onLookup;
  }

  /** Looks the name up; rejects when it cannot be resolved and nothing older is known. */
  async resolve(): Promise<void> {
    if (this.#fixed) return;
    this.#pending ??= this.#lookUp().finally(() => {
      this.#pending = null;
    });
    await this.#pending;
  }

  keepFresh(): void {
    if (this.#fixed || this.#timer) return;
    // What was known stays in use while the name cannot be resolved.
    this.#timer = setInterval(() => void this.resolve().catch(() => {}), REFRESH_MS);
    this.#timer.unref();
  }

  close(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Those in use. */
  get addresses(): readonly string[] {
    return this.#families[this.#family] ?? [];
  }

  /** Those that may come to be used. */
  get known(): readonly string[] {
    return this.#families.flat();
  }

  next(): string | null {
    const { addresses } = this;
    return addresses[this.#turn++ % addresses.length] ?? null;
  }

  /** An address took a connection: its family is the one. */
  worked(): void {
    this.#answered = true;
  }

  /** An address took none; true when another family can be tried instead. */
  failed(address: string): boolean {
    if (this.#answered) return false;
    if (!this.#families[this.#family]?.includes(address)) return true;
    if (this.#family + 1 >= this.#families.length) return false;
    this.#family++;
    return true;
  }

  async #lookUp(): Promise<void> {
    const begun = performance.now();
    const found = await lookup(this.#host, { all: true, order: 'verbatim' });
    this.#onLookup(Math.floor((performance.now() - begun) * 1000));
    const addresses = [...new Set(found.map((entry) => entry.address))];
    this.#families = [4, 6]
      .map((family) => addresses.filter((address) => isIP(address) === family))
      .filter((family) => family.length > 0);
    this.#family = Math.min(this.#family, this.#families.length - 1);
  }
}

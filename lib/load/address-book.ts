import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

const REFRESH_MS = 30_000;

/**
 * The addresses behind the target's name: looked up when a worker is armed and every 30 s off the
 * hot path, handed out in turn. A pinned name or a literal address is never looked up.
 */
export class AddressBook {
  readonly #host: string;
  readonly #fixed: boolean;
  readonly #onLookup: (durationUs: number) => void;
  #addresses: readonly string[] = [];
  #turn = 0;
  #timer: NodeJS.Timeout | null = null;
  #pending: Promise<void> | null = null;

  constructor(host: string, pin: string | undefined, onLookup: (durationUs: number) => void) {
    this.#host = host;
    const literal = pin ?? host;
    this.#fixed = isIP(literal) !== 0;
    if (this.#fixed) this.#addresses = [literal];
    this.#onLookup = onLookup;
  }

  get known(): boolean {
    return this.#addresses.length > 0;
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

  next(): string | null {
    const address = this.#addresses[this.#turn % this.#addresses.length];
    this.#turn++;
    return address ?? null;
  }

  async #lookUp(): Promise<void> {
    const begun = performance.now();
    const found = await lookup(this.#host, { all: true, order: 'verbatim' });
    this.#onLookup(Math.floor((performance.now() - begun) * 1000));
    const addresses = [...new Set(found.map((entry) => entry.address))];
    // An address family without a route would fail every other connection: prefer IPv4 when both exist.
    const v4 = addresses.filter((address) => isIP(address) === 4);
    this.#addresses = v4.length > 0 ? v4 : addresses;
  }
}

import { AddressBook } from './address-book.js';
import type { Destination } from './dial.js';
import type { DiallerSetting } from './dialler.js';
import { Failure } from './failure.js';
import type { Job } from './job.js';
import type { LoadGuard } from './load-guard.js';
import type { Pool } from './pool.js';
import { redirected } from './redirect.js';
import type { RequestTemplate } from './request-template.js';

/** Whoever sends us to ever new hosts must not have them all kept open. */
const MOST = 16;

export interface ElsewhereSetting {
  /** Host name → address that is used instead of asking DNS. */
  readonly resolve: Readonly<Record<string, string>>;
  /** Absent where all may be loaded. */
  readonly guard?: LoadGuard | undefined;
}

/** Connections to where redirects lead that leave the target: a pool for each origin. */
export class Elsewhere {
  readonly #setting: ElsewhereSetting;
  /** How the target is reached. */
  readonly #reach: DiallerSetting;
  readonly #open: (reach: DiallerSetting) => Pool;
  readonly #pools = new Map<string, Pool>();
  readonly #others: Pool[] = [];
  readonly #books: AddressBook[] = [];

  constructor(
    setting: ElsewhereSetting,
    target: Pool,
    reach: DiallerSetting,
    open: (reach: DiallerSetting) => Pool,
  ) {
    this.#setting = setting;
    this.#reach = reach;
    this.#open = open;
    this.#pools.set(originOf(reach.destination), target);
  }

  /** Makes the job the request that follows a redirect; where that is to be sent, if it may be. */
  follow(job: Job, template: RequestTemplate, status: number, location: string): Pool | Failure {
    const next = redirected(template, status, location, job.visitor?.cookies ?? null);
    if (next instanceof Failure) return next;
    const pool = this.#at(next.parts.origin);
    if (pool instanceof Failure) return pool;
    job.hops++;
    job.template = next;
    job.firstByteUs = -1;
    job.sentUs = -1;
    job.serverTimeUs = -1;
    return pool;
  }

  /** A failure where it must not be gone to. */
  #at(origin: string): Pool | Failure {
    const known = this.#pools.get(origin);
    if (known) return known;
    const url = new URL(origin);
    const { resolve, guard } = this.#setting;
    const { host, port, secure } = placeOf(url);
    const problem = guard?.targetProblem(url, resolve[host]) ?? null;
    if (problem !== null) return new Failure(1111, `a redirect leads to ${url.host}`, problem);
    if (this.#pools.size > MOST) {
      return new Failure(1235, `redirects lead to more than ${MOST} other origins`);
    }
    const { clock, destination, recorder, startUs } = this.#reach;
    const book = new AddressBook(host, resolve[host], (dnsUs) =>
      recorder.connection(
        { address: host, ahead: false, dnsUs, tcpUs: -1, tlsUs: -1 },
        Math.max(startUs, clock.nowUs()),
      ),
    );
    book.keepFresh();
    this.#books.push(book);
    const pool = this.#open({
      ...this.#reach,
      book,
      destination: { ...destination, host, port, secure },
    });
    this.#pools.set(origin, pool);
    this.#others.push(pool);
    return pool;
  }

  /** Those that are not the target's. */
  get pools(): readonly Pool[] {
    return this.#others;
  }

  close(): void {
    for (const pool of this.#others) pool.close();
    for (const book of this.#books.splice(0)) book.close();
  }
}

type Place = Pick<Destination, 'host' | 'port' | 'secure'>;

function placeOf(url: URL): Place {
  const secure = url.protocol === 'https:';
  const port = url.port ? Number(url.port) : secure ? 443 : 80;
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, secure };
}

function originOf({ host, port, secure }: Place): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return new URL(`${secure ? 'https' : 'http'}://${name}:${port}`).origin;
}

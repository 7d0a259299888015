import { isIP } from 'node:net';
import { isHeaderName, isHeaderValue, OWN_HEADERS } from '../plan/headers.js';
import { AddressRules } from './address-rules.js';
import { Failure } from './failure.js';
import { HostRules, hostOfHeader, hostOfUrl, type NamedHost } from './host-rules.js';

export interface LoadGuardSetting {
  readonly allowedHosts: readonly string[];
  /** Networks that may be loaded though they are none of the public internet. */
  readonly allowedNetworks: readonly string[];
  /** Goes with every request: whoever is hit can say by what. */
  readonly run: string;
}

/** What load may not be sent to, in words for people; nothing has been sent. */
export class Forbidden extends Error {
  override readonly name = 'Forbidden';
}

/** Request line and headers, with the values of secrets in them. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
}

const RUN_HEADER = 'x-isochrone-run';
const PRIVATE =
  'only the public internet may be loaded, and networks opened with -c allowedNetworks';

/**
 * What a deployment lets its workers load. It judges target and requests when a shard is armed and
 * every address when a connection is opened, before and after. Requests themselves cost nothing, save
 * those whose host is filled in: they are judged one by one.
 */
export class LoadGuard {
  readonly #allowedHosts: readonly string[];
  readonly #hosts: HostRules;
  readonly #addresses: AddressRules;
  readonly #run: string;

  constructor({ allowedHosts, allowedNetworks, run }: LoadGuardSetting) {
    this.#allowedHosts = allowedHosts;
    this.#hosts = new HostRules(allowedHosts);
    this.#addresses = new AddressRules(allowedNetworks);
    this.#run = run;
  }

  /** Why this target, or the address that stands for its name, must not be loaded. */
  targetProblem(target: URL, pin: string | undefined): string | null {
    if (!/^https?:$/.test(target.protocol)) return `the target begins with ${target.protocol}`;
    const host = hostOfUrl(target);
    return (
      this.#hostProblem('the target', host) ??
      (isIP(host.name) ? this.addressProblem(host.name) : null) ??
      (pin === undefined ? null : this.addressProblem(pin))
    );
  }

  /** Why a request must not be sent: one that other servers might read as two, or as theirs. */
  headProblem({ method, path, headers }: RequestHead, protocol: string): string | null {
    if (!/^[A-Z]+$/.test(method) || method === 'CONNECT') {
      return `${JSON.stringify(method)} is no method of a request to measure`;
    }
    if (!/^\/[\x21-\x7e]*$/.test(path)) return 'a path begins with / and has no spaces';
    let hosts = 0;
    for (let i = 0; i < headers.length; i += 2) {
      const [name, value] = [headers[i]!, headers[i + 1]!];
      const lower = name.toLowerCase();
      if (!isHeaderName(name)) return `${JSON.stringify(name)} is no name of a header`;
      if (OWN_HEADERS.includes(lower)) return `header ${lower} is not for a plan to set`;
      if (!isHeaderValue(value)) return `header ${lower} is not one line of Latin letters`;
      if (lower !== 'host') continue;
      if (++hosts > 1) return 'header host stands there twice';
      const problem = this.#hostHeaderProblem(value, protocol);
      if (problem !== null) return problem;
    }
    return null;
  }

  /** Refuses a request whose host was filled in for it alone; others were judged beforehand. */
  refuseHost(host: string, origin: string): void {
    const problem = this.#hostHeaderProblem(host, new URL(origin).protocol);
    if (problem === null) return;
    throw new Failure(1111, 'header host names what this deployment does not allow', problem);
  }

  /** Puts in who sends it, whatever the plan says of that. */
  marked(headers: readonly string[], userAgent: string): string[] {
    const marked: string[] = [];
    for (let i = 0; i < headers.length; i += 2) {
      const [name, value] = [headers[i]!, headers[i + 1]!];
      const lower = name.toLowerCase();
      if (lower === RUN_HEADER) continue;
      const own = lower === 'user-agent' && value !== userAgent;
      marked.push(name, own ? `${value} ${userAgent}` : value);
    }
    return [...marked, RUN_HEADER, this.#run];
  }

  addressProblem(address: string): string | null {
    const problem = this.#addresses.problem(address);
    return problem === null ? null : `${problem}; ${PRIVATE}`;
  }

  /** The failure of whoever wants to connect there, or has. */
  refusal(address: string): Failure | null {
    const problem = this.#addresses.problem(address);
    return problem === null ? null : new Failure(1110, problem);
  }

  #hostHeaderProblem(value: string, protocol: string): string | null {
    const host = hostOfHeader(value, protocol);
    if (!host) return `header host is no host, or not for everybody the same: ${value}`;
    return (
      this.#hostProblem('header host', host) ??
      (isIP(host.name) ? this.addressProblem(host.name) : null)
    );
  }

  #hostProblem(what: string, host: NamedHost): string | null {
    if (this.#hosts.allows(host)) return null;
    const allowed = this.#allowedHosts;
    const those =
      allowed.length === 0
        ? 'this deployment allows no host at all'
        : `this deployment allows ${allowed.join(', ')}`;
    const wanted = [...allowed, host.name].join(',');
    return `${what} is ${host.name} at port ${host.port}, and ${those}: deploy with -c allowedHosts=${wanted}`;
  }
}

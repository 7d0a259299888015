import { AwsRefusal } from './lambda-request.js';

/** How Lambda treats events for one alias; its own defaults are 2 retries and 6 hours. */
export interface AsyncConfig {
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeS?: number;
}

export interface FunctionSpec {
  readonly name: string;
  readonly region: string;
  /** Path of the bundle, `index.mjs`. */
  readonly bundle: string;
  /** As in Lambda's configuration; `index.handler` if left out. */
  readonly handler?: string;
  readonly timeoutMs: number;
  /** MB */
  readonly memory: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly durable?: { readonly executionTimeoutS: number; readonly retentionDays: number };
  /** By alias. */
  readonly asyncConfig?: Readonly<Record<string, AsyncConfig>>;
  /** All point at version 1; `live` if left out. */
  readonly aliases?: readonly string[];
  readonly reservedConcurrency?: number;
  /** Of a network of its owner's. */
  readonly subnets?: readonly string[];
}

/** Version 1 and $LATEST are the same bundle; aliases point at version 1. */
export class RegisteredFunction {
  readonly spec: FunctionSpec;
  readonly arn: string;
  readonly account: string;

  constructor(spec: FunctionSpec, account: string) {
    this.spec = spec;
    this.account = account;
    this.arn = `arn:aws:lambda:${spec.region}:${account}:function:${spec.name}`;
  }

  get entry(): string {
    return (this.spec.handler ?? 'index.handler').split('.').at(-1) ?? 'handler';
  }

  /** The version that a qualifier stands for, or null where there is none. */
  versionOf(qualifier: string | null): string | null {
    if (qualifier === null || qualifier === '$LATEST') return '$LATEST';
    if (qualifier === '1') return '1';
    return (this.spec.aliases ?? ['live']).includes(qualifier) ? '1' : null;
  }

  arnOf(qualifier: string | null): string {
    return qualifier === null ? this.arn : `${this.arn}:${qualifier}`;
  }

  asyncConfigOf(qualifier: string | null): Required<AsyncConfig> {
    const config = this.spec.asyncConfig?.[qualifier ?? '$LATEST'];
    return { maximumRetryAttempts: 2, maximumEventAgeS: 21_600, ...config };
  }
}

/** A function as a caller named it. */
export interface Callee {
  readonly callee: RegisteredFunction;
  readonly qualifier: string | null;
}

const REFERENCE =
  /^(?:arn:[a-z-]+:lambda:([a-z0-9-]+):(\d{12}):function:|(?:\d{12}:)?function:)?([\w-]+)(?::([\w$-]+))?$/;

export class FunctionRegistry {
  readonly #account: string;
  readonly #functions = new Map<string, RegisteredFunction>();

  constructor(account: string) {
    this.#account = account;
  }

  add(spec: FunctionSpec): RegisteredFunction {
    const registered = new RegisteredFunction(spec, this.#account);
    this.#functions.set(registered.arn, registered);
    return registered;
  }

  /** As if they had never been; what runs goes on. */
  removeAll(region: string): void {
    for (const [arn, { spec }] of this.#functions) {
      if (spec.region === region) this.#functions.delete(arn);
    }
  }

  /** Invocations at a time that functions of a region keep for themselves. */
  reservedIn(region: string): number {
    const there = [...this.#functions.values()].filter(({ spec }) => spec.region === region);
    return there.reduce((sum, { spec }) => sum + (spec.reservedConcurrency ?? 0), 0);
  }

  /** Takes a name, `name:qualifier`, a partial or a whole ARN, as Lambda does. */
  find(region: string, reference: string, asked: string | null): Callee {
    const parts = REFERENCE.exec(reference);
    if (!parts) {
      throw new AwsRefusal('ValidationException', `Value '${reference}' at 'functionName' is bad`);
    }
    const [, arnRegion, , name, named] = parts;
    if (arnRegion !== undefined && arnRegion !== region) {
      const text = `Functions from '${arnRegion}' are not reachable in this region ('${region}')`;
      throw new AwsRefusal('ResourceNotFoundException', text);
    }
    if (named !== undefined && asked !== null && named !== asked) {
      const text = 'The derived qualifier from the function name does not match the one specified.';
      throw new AwsRefusal('InvalidParameterValueException', text);
    }
    const qualifier = named ?? asked;
    const arn = `arn:aws:lambda:${region}:${this.#account}:function:${name}`;
    const callee = this.#functions.get(arn);
    if (!callee || callee.versionOf(qualifier) === null) {
      const whole = qualifier === null ? arn : `${arn}:${qualifier}`;
      throw new AwsRefusal('ResourceNotFoundException', `Function not found: ${whole}`);
    }
    return { callee, qualifier };
  }
}

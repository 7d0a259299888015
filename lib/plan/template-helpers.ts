/** What a helper of `{{ … }}` takes, and whether its value is the same each time. */
interface Helper {
  /** As it is written, for people. */
  readonly example: string;
  readonly parameters: readonly Parameter[];
  /** The last parameter may be given more than once. */
  readonly rest?: true;
  /** Of the same arguments it makes the same text. */
  readonly constant: boolean;
}

interface Parameter {
  readonly name: string;
  /** Written out: a whole number, or one of these words. Absent: any text. */
  readonly is?: 'whole' | readonly string[];
  /** What stands for it where it is left out. Absent: it must be there. */
  readonly absent?: string;
}

const HELPERS = {
  uuid: { example: 'uuid', parameters: [], constant: false },
  int: {
    example: 'int(1, 100)',
    parameters: [
      { name: 'from', is: 'whole' },
      { name: 'to', is: 'whole' },
    ],
    constant: false,
  },
  pick: {
    example: "pick('red', 'green')",
    parameters: [{ name: 'choice' }],
    rest: true,
    constant: false,
  },
  timestamp: {
    example: "timestamp('s')",
    parameters: [{ name: 'unit', is: ['ms', 's', 'iso'], absent: 'ms' }],
    constant: false,
  },
  base64: {
    example: "base64('user', ':', 'password')",
    parameters: [{ name: 'text' }],
    rest: true,
    constant: true,
  },
  urlencode: { example: 'urlencode(name)', parameters: [{ name: 'text' }], constant: true },
  number: { example: 'number(amount)', parameters: [{ name: 'text' }], constant: true },
  hmac: {
    example: "hmac(text, 'key', 'sha256', 'hex')",
    parameters: [
      { name: 'text' },
      { name: 'key' },
      { name: 'algorithm', is: ['sha256', 'sha1', 'sha384', 'sha512'], absent: 'sha256' },
      { name: 'encoding', is: ['hex', 'base64', 'base64url'], absent: 'hex' },
    ],
    constant: true,
  },
} as const satisfies Readonly<Record<string, Helper>>;

export type HelperName = keyof typeof HELPERS;

export const HELPER_NAMES = Object.keys(HELPERS) as readonly HelperName[];

export function isHelper(name: string): name is HelperName {
  return Object.hasOwn(HELPERS, name);
}

export function helperOf(name: HelperName): Helper {
  return HELPERS[name];
}

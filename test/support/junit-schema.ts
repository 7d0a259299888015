import type { XmlElement } from './strict-xml.js';

/** What an attribute may hold, by the simple types of XML Schema. */
const TYPES = {
  string: /^[\s\S]*$/,
  // No space at either end, and never two.
  token: /^(\S+( \S+)*)?$/,
  word: /^\S+( \S+)*$/,
  int: /^-?\d{1,10}$/,
  // A decimal that Surefire's pattern takes, too.
  decimal: /^\d+(\.\d+)?$/,
  // Without a time zone.
  dateTime: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/,
} as const;

interface Rule {
  readonly required: Readonly<Record<string, keyof typeof TYPES>>;
  readonly optional?: Readonly<Record<string, keyof typeof TYPES>>;
  /** The names of all children, in order, with a space behind each. */
  readonly content: RegExp;
  readonly text?: true;
}

const RESULT: Rule = {
  required: { type: 'string' },
  optional: { message: 'string' },
  content: /^$/,
  text: true,
};

/**
 * The rules of the JUnit schema for Ant (JUnit.xsd of Windy Road), of the formats in use the
 * strictest; what keeps to it keeps to that of Jenkins' xUnit plugin (junit-10.xsd).
 */
const RULES: Readonly<Record<string, Rule>> = {
  testsuites: { required: {}, content: /^(testsuite )*$/ },
  testsuite: {
    required: {
      package: 'token',
      id: 'int',
      name: 'word',
      timestamp: 'dateTime',
      hostname: 'word',
      tests: 'int',
      failures: 'int',
      errors: 'int',
      time: 'decimal',
    },
    optional: { skipped: 'int' },
    content: /^properties (testcase )*system-out system-err $/,
  },
  properties: { required: {}, content: /^(property )*$/ },
  property: { required: { name: 'word', value: 'string' }, content: /^$/ },
  testcase: {
    required: { name: 'token', classname: 'token', time: 'decimal' },
    content: /^((skipped|error|failure) )?$/,
  },
  skipped: { required: {}, optional: { message: 'string' }, content: /^$/, text: true },
  error: RESULT,
  failure: RESULT,
  'system-out': { required: {}, content: /^$/, text: true },
  'system-err': { required: {}, content: /^$/, text: true },
};

/** Everything in which a document offends against the schema, or its counts against its tests. */
export function junitOffences(root: XmlElement): string[] {
  if (root.name !== 'testsuites') return [`the root is ${root.name}`];
  return [...elementOffences(root), ...root.children.flatMap(countOffences)];
}

function elementOffences({ name, attributes, children, text }: XmlElement): string[] {
  const rule = RULES[name];
  if (rule === undefined) return [`there is no ${name}`];
  const allowed = { ...rule.required, ...rule.optional };
  const content = children.map((child) => `${child.name} `).join('');
  return [
    ...Object.keys(rule.required).flatMap((key) =>
      key in attributes ? [] : [`${name} without ${key}`],
    ),
    ...Object.entries(attributes).flatMap(([key, value]) => {
      const type = allowed[key];
      if (type === undefined) return [`${name} with ${key}`];
      return TYPES[type].test(value) ? [] : [`${name} ${key}="${value}" is no ${type}`];
    }),
    ...(rule.content.test(content) ? [] : [`${name} holds ${content}`]),
    ...(rule.text || text.trim() === '' ? [] : [`${name} holds text`]),
    ...children.flatMap(elementOffences),
  ];
}

function countOffences(suite: XmlElement, index: number): string[] {
  const cases = suite.children.filter(({ name }) => name === 'testcase');
  const having = (result: string) =>
    cases.filter(({ children }) => children[0]?.name === result).length;
  const counted = {
    id: index,
    tests: cases.length,
    failures: having('failure'),
    errors: having('error'),
    skipped: having('skipped'),
  };
  return Object.entries(counted).flatMap(([key, n]) =>
    suite.attributes[key] === String(n) ? [] : [`${key} of suite ${index} is not ${n}`],
  );
}

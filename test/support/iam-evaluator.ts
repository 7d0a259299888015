// As much of IAM as our policies use: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
// A statement with anything else in it is an error, never a guess.

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What somebody wants to do. A key that is not in `context` is not there. */
export interface Wish {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

export type Decision = 'allowed' | 'denied' | 'not allowed';

/** Of one principal: its own policies, and that of the resource. What denies outranks all. */
export function decide(
  identity: readonly Statement[],
  resource: readonly Statement[],
  wish: Wish,
): Decision {
  const applies = (statement: Statement) => matches(statement, wish);
  if ([...identity, ...resource].some((one) => one.Effect === 'Deny' && applies(one))) {
    return 'denied';
  }
  for (const { Effect } of resource) {
    if (Effect !== 'Deny') throw new Error('a policy of a resource that allows is not understood');
  }
  const allowed = identity.some((one) => one.Effect === 'Allow' && applies(one));
  return allowed ? 'allowed' : 'not allowed';
}

const KNOWN = new Set(['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition']);

function matches(statement: Statement, { action, resource, context }: Wish): boolean {
  const strange = Object.keys(statement).filter((key) => !KNOWN.has(key));
  if (strange.length > 0) throw new Error(`a statement has ${strange.join(', ')}`);
  const { Action, Resource = [], Condition = {}, Principal = '*' } = statement;
  const everybody =
    JSON.stringify(Principal) === '"*"' || JSON.stringify(Principal) === '{"AWS":"*"}';
  if (!everybody) throw new Error(`the principal ${JSON.stringify(Principal)} is not understood`);
  return (
    listOf(Action).some((one) => like(one.toLowerCase(), action.toLowerCase())) &&
    listOf(Resource).some((one) => like(one, resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, value]) => {
        const [name] = [key.toLowerCase()];
        const entry = Object.entries(context).find(([known]) => known.toLowerCase() === name);
        return holds(operator, listOf(value), entry?.[1]);
      }),
    )
  );
}

function holds(operator: string, wanted: readonly string[], given: string | undefined): boolean {
  if (operator === 'Null') return wanted.includes(String(given === undefined));
  // What is negated holds where there is nothing to compare.
  if (operator === 'ArnNotLike' || operator === 'StringNotLike') {
    return given === undefined || !wanted.some((one) => like(one, given));
  }
  if (given === undefined) return false;
  switch (operator) {
    case 'StringEquals':
      return wanted.includes(given);
    case 'StringLike':
    case 'ArnLike':
    case 'ArnEquals':
      return wanted.some((one) => like(one, given));
    case 'Bool':
      return wanted.some((one) => one === given);
    case 'NumericLessThan':
      return wanted.some((one) => Number(given) < Number(one));
    default:
      throw new Error(`the condition ${operator} is not understood`);
  }
}

/** `*` stands for any text, slashes and colons too, `?` for one character. */
function like(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

function listOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

import type { PlanRequest } from '../plan/plan.js';
import { type CompiledTemplate, compileTemplate, type TemplateSetting } from './template.js';

/** The header `authorization` of a name and a password (RFC 7617), which may be another each time. */
export function compileBasicAuth(
  { user, password }: NonNullable<PlanRequest['basicAuth']>,
  setting: Omit<TemplateSetting, 'escape'>,
): CompiledTemplate {
  let secret = false;
  const reveal = (literal: string) => {
    const revealed = setting.reveal(literal);
    secret ||= revealed !== literal;
    return revealed;
  };
  const compile = (text: string) => compileTemplate(text, { ...setting, reveal, escape: 'none' });
  const [name, word] = [compile(user), compile(password)];
  if (name.constant === null || word.constant === null) {
    return {
      constant: null,
      render: (values) => {
        const value = valueOfBoth(name.render(values), word.render(values));
        if (secret) values.keep?.(value.slice(SCHEME.length));
        return value;
      },
    };
  }
  const constant = valueOfBoth(name.constant, word.constant);
  // Whoever reads it has the password.
  if (secret) setting.keep?.(constant.slice(SCHEME.length));
  return { constant, render: () => constant };
}

const SCHEME = 'Basic ';

const valueOfBoth = (user: string, password: string) =>
  SCHEME + Buffer.from(`${user}:${password}`).toString('base64');

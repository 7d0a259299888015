import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { readSettings } from '../../lib/cloud/settings.js';
import { addStacks } from '../../lib/cloud/stacks.js';

// The CDK app of bin/cloud.ts within this process, with bundles that never change: what a template
// holds of the real ones is their digest.
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export const CDK_JSON = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as {
  readonly app: string;
  readonly context: Readonly<Record<string, unknown>>;
};

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export type Context = Readonly<Record<string, unknown>>;

/** The app with its stacks, not yet synthesised. `folder` is for what it writes. */
export function cloudApp(folder: string, context: Context): App {
  const bundles = mkdtempSync(join(folder, 'bundles-'));
  for (const name of ['worker', 'orchestrator', 'merge']) {
    mkdirSync(join(bundles, name));
    writeFileSync(join(bundles, name, 'index.mjs'), `export const handler = '${name}';\n`);
  }
  const outdir = mkdtempSync(join(folder, 'cdk-'));
  const app = new App({ outdir, analyticsReporting: false, context: { ...CDK_JSON.context } });
  addStacks(app, { settings: readSettings(context, 'eu-west-1'), bundles, version: 'VERSION' });
  return app;
}

/** All templates by the name of their stack. */
export function templatesOf(app: App): Readonly<Record<string, Template>> {
  const { stacks } = app.synth();
  return Object.fromEntries(stacks.map((stack) => [stack.stackName, stack.template as Template]));
}

/** A value of a template as it will be once it is deployed. */
export function resolved(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((one) => resolved(one, names));
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (Ref !== undefined) {
    if (names[Ref] === undefined) throw new Error(`nothing is known of ${Ref}`);
    return names[Ref];
  }
  if (join) return (resolved(join[1], names) as string[]).join(join[0]);
  const [[key] = []] = Object.entries(value);
  if (key?.startsWith('Fn::')) throw new Error(`${key} is not understood`);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, resolved(inner, names)]),
  );
}

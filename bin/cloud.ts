#!/usr/bin/env node
// The CDK app that cdk.json names: npx cdk synth, npx cdk deploy --all.
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { readSettings } from '../lib/cloud/settings.js';
import { addStacks } from '../lib/cloud/stacks.js';
import { IsochroneError } from '../lib/errors.js';
import { VERSION } from '../lib/run/version.js';

try {
  const app = new App({ analyticsReporting: false });
  // The CLI says which region is in use, by the rules by which the command line finds a deployment.
  const region = process.env.CDK_DEFAULT_REGION || 'us-east-1';
  addStacks(app, {
    settings: readSettings(app.node.getAllContext(), region),
    bundles: fileURLToPath(new URL('../functions/', import.meta.url)),
    version: VERSION,
  });
  app.synth();
} catch (error) {
  if (!(error instanceof IsochroneError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}

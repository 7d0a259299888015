// Preloaded with --import: in this process and its threads the AWS SDK cannot be loaded.
import { register } from 'node:module';

const hooks = `export async function resolve(specifier, context, next) {
  if (/^@(aws-sdk|smithy)\\//.test(specifier)) throw new Error('the AWS SDK was loaded: ' + specifier);
  return next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

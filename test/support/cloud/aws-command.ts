import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * AWS's command line in version 1, which is the one that PyPI has, made to take what version 2 does:
 * the region from AWS_REGION, and the option by which payloads are read as version 1 always reads
 * them. Returns the folder, for PATH.
 */
export function awsCommand(bin: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const script = `#!/bin/bash
words=()
while [ $# -gt 0 ]; do
  if [ "$1" = --cli-binary-format ]; then shift 2; else words+=("$1"); shift; fi
done
AWS_DEFAULT_REGION=\${AWS_REGION-} exec "${join(bin, 'aws')}" "\${words[@]}"
`;
  writeFileSync(join(folder, 'aws'), script, { mode: 0o755 });
  return folder;
}

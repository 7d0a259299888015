import { UnavailableError } from '../errors.js';
import { type Secrets, SHORTEST_SECRET } from '../load/secret-text.js';
import type { AwsAccess } from './aws-access.js';

const CONNECT_MS = 3_000;
const ANSWER_MS = 5_000;
const ATTEMPTS = 3;

/**
 * Reads secrets of Secrets Manager, each once. They are kept in one region, whichever they are used
 * in; AWS_ENDPOINT_URL_SECRETS_MANAGER names a server other than AWS's. `access`: where that is not
 * to be found in the environment.
 */
export async function readSecrets(
  names: readonly string[],
  region: string,
  access?: AwsAccess,
): Promise<Secrets> {
  if (names.length === 0) return {};
  // Loaded only where there is something to read: it costs what all the rest of a start does.
  const { GetSecretValueCommand, SecretsManagerClient } = await import(
    '@aws-sdk/client-secrets-manager'
  );
  const client = new SecretsManagerClient({
    region,
    maxAttempts: ATTEMPTS,
    ...(access && { credentials: access.credentials }),
    ...(access?.secretsManager && { endpoint: access.secretsManager }),
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
    },
  });
  try {
    const secrets: Record<string, string> = {};
    for (const name of names) {
      const { SecretString } = await client
        .send(new GetSecretValueCommand({ SecretId: name }))
        .catch((error: unknown) => {
          throw trouble(name, region, error);
        });
      secrets[name] = usable(name, SecretString);
    }
    return secrets;
  } finally {
    client.destroy();
  }
}

function usable(name: string, value: string | undefined): string {
  if (value === undefined) {
    throw new UnavailableError(`secret ${name} is binary, and only text can be sent`);
  }
  if (value.length < SHORTEST_SECRET) {
    throw new UnavailableError(
      `secret ${name} is shorter than ${SHORTEST_SECRET} characters: it could not be kept out of reports`,
    );
  }
  return value;
}

function trouble(name: string, region: string, error: unknown): UnavailableError {
  const { name: kind } = error as Error;
  return new UnavailableError(`${meaningOf(name, region, kind)}`, { cause: error });
}

function meaningOf(name: string, region: string, kind: string): string {
  switch (kind) {
    case 'ResourceNotFoundException':
      return `there is no secret ${name} in ${region}: aws secretsmanager create-secret --region ${region} --name ${name} --secret-string …`;
    case 'AccessDeniedException':
      return `this worker may not read secret ${name} in ${region}: deploy with -c secrets=${name}; a key of its own must let workers decrypt`;
    default:
      return `secret ${name} in ${region} cannot be read (${kind}): check Secrets Manager there`;
  }
}

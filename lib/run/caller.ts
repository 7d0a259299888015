import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { UnavailableError } from '../errors.js';
import { silenceNodeWarning } from '../store/node-warning.js';

/** Whose AWS credentials are in use, and where. */
export interface Caller {
  readonly account: string;
  readonly region: string;
}

const CONNECT_MS = 3_000;
const ANSWER_MS = 10_000;
const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired'];
const WRONG_KEYS = ['InvalidClientTokenId', 'SignatureDoesNotMatch', 'UnrecognizedClientException'];

/** Asks AWS who calls. `region` null: the one that is set in the environment or the profile. */
export async function callerOf(region: string | null): Promise<Caller> {
  silenceNodeWarning();
  const client = new STSClient({
    ...(region !== null && { region }),
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
    },
  });
  try {
    const used = await client.config.region();
    const { Account } = await client.send(new GetCallerIdentityCommand({}));
    if (Account) return { account: Account, region: used };
    throw new UnavailableError('AWS does not say whose account is in use: is it AWS that answers?');
  } catch (error) {
    throw trouble(error);
  } finally {
    client.destroy();
  }
}

function trouble(error: unknown): Error {
  if (error instanceof UnavailableError || !(error instanceof Error)) return error as Error;
  const [meaning, remedy] = meaningOf(error);
  return new UnavailableError(`${meaning}: ${remedy}`, { cause: error });
}

function meaningOf({
  name,
  message,
  code = '',
}: Error & { readonly code?: string }): readonly [meaning: string, remedy: string] {
  const [line = ''] = message.split('\n');
  if (/^Region is missing/.test(message)) {
    return [
      'it is not known in which region Isochrone is deployed',
      'set AWS_REGION to its home region, or AWS_PROFILE to a profile that has one',
    ];
  }
  if (name === 'CredentialsProviderError') {
    return [
      `there are no AWS credentials to use (${line})`,
      'log in, as with "aws sso login", or say which to use with AWS_PROFILE',
    ];
  }
  if (EXPIRED.includes(name)) {
    return ['the AWS credentials have expired', 'log in again, as with "aws sso login"'];
  }
  if (WRONG_KEYS.includes(name)) {
    return [
      'AWS does not accept these credentials',
      'check AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    ];
  }
  const what = code || name;
  return [
    `AWS cannot be asked whose account this is (${what}${line && line !== what ? `, ${line}` : ''})`,
    'check the network, and AWS_REGION',
  ];
}

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StsDouble {
  /** For AWS_ENDPOINT_URL_STS. */
  readonly url: string;
  /** Regions that calls were signed for, in their order. */
  readonly regions: readonly string[];
  close(): Promise<void>;
}

const SCOPE = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([a-z0-9-]+)\/sts\/aws4_request,/;

/**
 * As much of AWS STS as tells whose credentials are in use: GetCallerIdentity in the query
 * protocol. Access keys of `expired` have been good; other keys than those given never were. In
 * regions of `off`, which the account has turned off, nobody is known.
 */
export async function startSts({
  account,
  accessKeys,
  expired = [],
  off = [],
}: {
  readonly account: string;
  readonly accessKeys: readonly string[];
  readonly expired?: readonly string[];
  readonly off?: readonly string[];
}): Promise<StsDouble> {
  const regions: string[] = [];
  const answer = (authorization: string, body: string): readonly [number, string] => {
    const [, key = '', region = ''] = SCOPE.exec(authorization) ?? [];
    const action = new URLSearchParams(body).get('Action');
    if (action !== 'GetCallerIdentity') return refusal(400, 'InvalidAction', `no ${action} here`);
    if (key === '') {
      return refusal(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
    }
    if (expired.includes(key)) {
      return refusal(403, 'ExpiredToken', 'The security token included in the request is expired');
    }
    if (!accessKeys.includes(key) || off.includes(region)) {
      const text = 'The security token included in the request is invalid.';
      return refusal(403, 'InvalidClientTokenId', text);
    }
    regions.push(region);
    return [200, identity(account)];
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { authorization = '' } = request.headers;
    const [status, text] = answer(authorization, Buffer.concat(chunks).toString());
    response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    regions,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const SCHEMA = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';

function identity(account: string): string {
  const who = `<Arn>arn:aws:iam::${account}:user/runner</Arn><UserId>AIDARUNNER</UserId><Account>${account}</Account>`;
  const metadata = `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
  return `<GetCallerIdentityResponse ${SCHEMA}><GetCallerIdentityResult>${who}</GetCallerIdentityResult>${metadata}</GetCallerIdentityResponse>`;
}

function refusal(status: number, code: string, message: string): readonly [number, string] {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return [
    status,
    `<ErrorResponse ${SCHEMA}>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  ];
}

import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call as a double of an AWS service sees it; one address serves all regions. */
export interface SignedCall {
  /** The region that the call is signed for. */
  readonly region: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface SignedAnswer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

export interface SignedServer {
  /** For AWS_ENDPOINT_URL_…. */
  readonly url: string;
  close(): Promise<void>;
}

/** Answers the calls that are signed for one service. */
export async function startSigned(
  service: string,
  answer: (call: SignedCall) => SignedAnswer,
): Promise<SignedServer> {
  const scope = new RegExp(`Credential=[^/]+/\\d{8}/([a-z0-9-]+)/${service}/aws4_request,`);
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { headers, url: path = '/' } = request;
    const region = scope.exec(headers.authorization ?? '')?.[1];
    const { status, type, text } =
      region === undefined
        ? { status: 403, type: 'text/plain', text: `not signed for ${service}` }
        : answer({ region, path, headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(status, { 'content-type': type }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(value: unknown, status = 200, type = 'application/json'): SignedAnswer {
  return { status, type, text: JSON.stringify(value) };
}

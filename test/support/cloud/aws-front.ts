import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { S3Answer, S3Request } from '../s3-front.js';

/** A call to AWS, as it came. */
export interface AwsCall extends S3Request {
  /** What it is signed for; empty where it is not signed. */
  readonly service: string;
  readonly region: string;
}

export interface AwsFront {
  /** For AWS_ENDPOINT_URL. */
  readonly url: string;
  close(): Promise<void>;
}

const SCOPE = /Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request/;

/** One address for all services of AWS, as the programs of a deployment have it. */
export async function startFront(answer: (call: AwsCall) => Promise<S3Answer>): Promise<AwsFront> {
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url = '/', headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [, region = '', service = ''] = SCOPE.exec(headers.authorization ?? '') ?? [];
    const call = { method, url, headers, body: Buffer.concat(chunks), service, region };
    const { status, headers: told, body } = await answer(call);
    response.writeHead(status, told as Record<string, string>).end(body);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // By this name: moto takes the bucket of a template's address from its path for this one alone.
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

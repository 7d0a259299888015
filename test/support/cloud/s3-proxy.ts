import { Agent, request as httpRequest } from 'node:http';
import { type S3Answer, type S3Backend, S3Front } from '../s3-front.js';

/** A proxy before a real S3 server. */
export async function startS3Proxy(endpoint: string): Promise<S3Front> {
  return S3Front.start(onwardTo(endpoint));
}

/**
 * Sends requests on as they came, `Host` included: it is part of what is signed, and the server
 * does not care which name it is called by.
 */
export function onwardTo(endpoint: string): S3Backend {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const { hostname, port } = new URL(endpoint);
  return ({ method, url, headers, body }) =>
    new Promise<S3Answer>((resolve, reject) => {
      // The body is whole by now: what asked whether to send it has been answered.
      const { expect: _, 'transfer-encoding': __, ...rest } = headers;
      const sized = { ...rest, 'content-length': String(body.length) };
      const bodiless = method === 'GET' || method === 'HEAD';
      const onward = httpRequest({
        ...{ hostname, port, method, path: url, agent, setHost: false },
        headers: bodiless ? rest : sized,
      });
      onward.on('error', reject);
      onward.on('response', async (response) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          const { 'transfer-encoding': ___, ...kept } = response.headers;
          resolve({ status: response.statusCode!, headers: kept, body: Buffer.concat(chunks) });
        } catch (error) {
          reject(error);
        }
      });
      onward.end(bodiless ? undefined : body);
    });
}

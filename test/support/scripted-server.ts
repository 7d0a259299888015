import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureVersion } from 'node:tls';

export interface ScriptedServer {
  readonly port: number;
  readonly url: string;
  /** Request heads in the order in which they were read. */
  readonly heads: string[];
  /** Connections accepted since the start. */
  readonly accepted: () => number;
  /** Closes every connection that is open now. */
  hangUp(): void;
  /** Takes no further connections; those that are open go on. */
  deafen(): Promise<void>;
  close(): Promise<void>;
}

type Script = (socket: Socket, head: string, nthOnConnection: number, body: Buffer) => void;

/**
 * A server whose every answer is written by hand, so that it can misbehave in any way. With `tls` it
 * has the certificate of that name in certs/, or one that is self-signed.
 */
export async function scriptedServer(
  script: Script,
  options: {
    tls?: boolean | string;
    maxVersion?: SecureVersion;
    onConnection?: (socket: Socket) => void;
  } = {},
): Promise<ScriptedServer> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  let accepted = 0;
  const serve = (socket: Socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    options.onConnection?.(socket);
    let data = Buffer.alloc(0);
    let nth = 0;
    socket.on('data', (chunk) => {
      data = Buffer.concat([data, chunk]);
      for (;;) {
        const end = data.indexOf('\r\n\r\n');
        if (end < 0) return;
        const head = data.toString('latin1', 0, end);
        const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        if (data.length < end + 4 + length) return;
        const body = data.subarray(end + 4, end + 4 + length);
        data = data.subarray(end + 4 + length);
        heads.push(head);
        script(socket, head, ++nth, body);
      }
    });
  };
  const certificate = typeof options.tls === 'string' ? options.tls : 'localhost';
  const server: Server = options.tls
    ? createTlsServer(
        {
          key: cert('localhost.key'),
          cert: cert(`${certificate}.crt`),
          maxVersion: options.maxVersion,
        },
        serve,
      )
    : createServer({ noDelay: true }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    heads,
    accepted: () => accepted,
    hangUp: () => {
      for (const socket of sockets) socket.end();
    },
    deafen: async () => {
      // Calls back only when all are gone; the port is free a turn later.
      server.close();
      await new Promise((resolve) => setImmediate(resolve));
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

export function answer(body = 'ok', status = 200, headers = ''): string {
  return `HTTP/1.1 ${status} X\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}

function cert(name: string): Buffer {
  return readFileSync(new URL(`./certs/${name}`, import.meta.url));
}

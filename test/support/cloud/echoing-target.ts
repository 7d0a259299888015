import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

/** A target that throws back all it is told, in every way that might be kept. */
export class EchoingTarget {
  /** Heads and bodies, as they came. */
  readonly heard: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async start(): Promise<EchoingTarget> {
    const target = new EchoingTarget();
    await new Promise<void>((resolve) => target.#server.listen(0, '127.0.0.1', resolve));
    return target;
  }

  private constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
      let data = '';
      socket.on('data', (chunk) => {
        data += chunk.toString('latin1');
        const end = data.indexOf('\r\n\r\n');
        const length = Number(/content-length: *(\d+)/i.exec(data.slice(0, end))?.[1] ?? 0);
        if (end < 0 || data.length < end + 4 + length) return;
        this.heard.push(data);
        this.#answer(socket, data, this.heard.length);
        data = '';
      });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #answer(socket: Socket, told: string, nth: number): void {
    const line = told.slice(0, told.indexOf('\r\n'));
    const all = told.replace(/\s+/g, ' ');
    if (line.includes('/sample')) {
      // A sample has 500 characters: it is cut somewhere else each time.
      const body = `${'.'.repeat((nth * 7) % 480)}${all}`;
      socket.write(`HTTP/1.1 500 no\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    } else if (line.includes('/headers')) {
      const kept = ['via', 'server', 'server-timing', 'x-cache', 'location', 'content-type'];
      const heads = kept.map((name) => `${name}: ${all}`).join('\r\n');
      socket.write(`HTTP/1.1 302 ${all.slice(0, 200)}\r\n${heads}\r\ncontent-length: 0\r\n\r\n`);
    } else if (line.includes('/garbage')) {
      socket.end(`${all}\r\n\r\n`);
    } else {
      // What comes in a second packet begins within what was told.
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n');
      setTimeout(() => socket.end(`${all.slice(nth % all.length)}\r\n`), 20);
    }
  }
}

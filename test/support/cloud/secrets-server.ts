import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of Secrets Manager as gives out values: GetSecretValue, in JSON 1.1. */
export class SecretsServer {
  /** Names that were asked for, in turn. */
  readonly asked: string[] = [];
  readonly #values: Readonly<Record<string, string>>;
  readonly #server: Server;

  /** Names that begin with `denied` are there, and nobody may read them. */
  static async start(values: Readonly<Record<string, string>>): Promise<SecretsServer> {
    const double = new SecretsServer(values);
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  private constructor(values: Readonly<Record<string, string>>) {
    this.#values = values;
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const target = request.headers['x-amz-target'];
      const { status, body } =
        target === 'secretsmanager.GetSecretValue'
          ? this.#answer(JSON.parse(Buffer.concat(chunks).toString()).SecretId)
          : refusal('UnknownOperationException', `no ${target} here`);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    });
  }

  /** For AWS_ENDPOINT_URL_SECRETS_MANAGER. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(name: string): { status: number; body: object } {
    this.asked.push(name);
    if (name.startsWith('denied')) {
      return refusal('AccessDeniedException', `not authorized to perform this on ${name}`);
    }
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    if (value === undefined) {
      return refusal('ResourceNotFoundException', "can't find the specified secret");
    }
    const ARN = `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}-AbCdEf`;
    return { status: 200, body: { ARN, Name: name, SecretString: value, VersionId: 'one' } };
  }
}

function refusal(type: string, message: string): { status: number; body: object } {
  return { status: 400, body: { __type: type, message } };
}

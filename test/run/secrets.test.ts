import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { UnavailableError } from '../../lib/errors.js';
import { readSecrets } from '../../lib/run/secrets.js';
import { SecretsServer } from '../support/cloud/secrets-server.js';

let server: SecretsServer;
beforeAll(async () => {
  server = await SecretsServer.start({ TOKEN: 'tok-123456', 'shop/key': 'key-7', short: 'abc' });
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', server.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true');
});
afterEach(() => server.asked.splice(0));
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const trouble = async (name: string) => {
  const error = await readSecrets([name], 'eu-west-1').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(UnavailableError);
  return (error as Error).message;
};

describe('secrets', () => {
  it('are read once each, by name', async () => {
    expect(await readSecrets(['TOKEN', 'shop/key'], 'eu-west-1')).toEqual({
      TOKEN: 'tok-123456',
      'shop/key': 'key-7',
    });
    expect(server.asked).toEqual(['TOKEN', 'shop/key']);
  });

  it('cost nothing where there are none', async () => {
    expect(await readSecrets([], 'eu-west-1')).toEqual({});
    expect(server.asked).toEqual([]);
  });

  it('that are not there, or not for this worker, are told with what to do', async () => {
    expect(await trouble('nobody')).toContain(
      'there is no secret nobody in eu-west-1: aws secretsmanager create-secret',
    );
    expect(await trouble('denied')).toContain('may not read secret denied in eu-west-1: deploy');
  });

  it('too short to be kept out of reports are not used, and not told', async () => {
    const told = await trouble('short');
    expect(told).toContain('secret short is shorter than 4 characters');
    expect(told).not.toContain('abc');
  });
});

/**
 * A warm sandbox that is called by hand: imports a bundle and calls its handler for every order, in
 * the environment and with the name server that the order gives it.
 */
import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { pathToFileURL } from 'node:url';

process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

/** Answers by name, the last of them for good. */
const names = new Map();
const realLookup = dns.lookup;
dns.lookup = async (host, options) => {
  const answers = names.get(host);
  if (!answers) return realLookup(host, options);
  const addresses = answers.length > 1 ? answers.shift() : answers[0];
  return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
};
syncBuiltinESMExports();

/** Names are looked up again every 30 s; here a hundred times as often. */
const realInterval = globalThis.setInterval;
globalThis.setInterval = (turn, ms, ...rest) =>
  realInterval(turn, ms === 30_000 ? 300 : ms, ...rest);

const { handler } = await import(pathToFileURL(process.argv[2]).href);

process.on('message', async ({ id, event, lifeMs, lookups = {} }) => {
  for (const [name, answers] of Object.entries(lookups)) names.set(name, answers);
  const endMs = performance.now() + lifeMs;
  const context = {
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => endMs - performance.now(),
  };
  try {
    await handler(event, context);
    process.send({ id, error: null });
  } catch (error) {
    process.send({ id, error: String(error?.message ?? error) });
  }
});
process.send({ id: 0, error: null });

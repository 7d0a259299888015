// A target in a process of its own: for clients whose CPU time is measured, and for stalls, which
// must not stop the client too. Its character comes as JSON; what it saw is told when asked.
import { type Character, startTarget } from './target-server.js';

const character = JSON.parse(process.argv[2] ?? '{}') as Character;
const target = await startTarget(character);
process.stdout.write(`${target.url}\n`);
process.on('message', () =>
  process.send?.({
    count: target.count(),
    most: target.most(),
    connections: target.connections(),
    stalls: target.stalls(),
  }),
);
process.on('disconnect', () => process.exit(0));

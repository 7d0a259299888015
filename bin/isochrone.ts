#!/usr/bin/env node
import { main } from '../lib/cli/program.js';

// A reader that has seen enough, such as `head`, closes the pipe, and a terminal that is closed
// takes no more: neither is an error, and a run goes on and keeps its report.
const GONE: readonly (string | undefined)[] = ['EPIPE', 'EIO', 'ECONNRESET'];
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!GONE.includes(error.code)) throw error;
  });
}

const { stdout, stderr, env } = process;
process.exitCode = await main(process.argv.slice(2), { stdout, stderr, env, exitCode: 0 });

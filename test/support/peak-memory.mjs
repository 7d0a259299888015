// Loaded ahead of a program, `node --import …`: writes at its end how much memory it ever took, MB.
// Looked at as it goes: what the system keeps counts the memory of whoever started it, too.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  let most = 0;
  const look = () => {
    most = Math.max(most, process.memoryUsage.rss());
  };
  setInterval(look, 10).unref();
  process.on('exit', () => {
    look();
    writeFileSync(process.env.PEAK_MEMORY_FILE, `${most / (1 << 20)}`);
  });
}

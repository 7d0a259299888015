import type { RunFiles } from '../store/run-files.js';

const EVERY_MS = 5_000;

/** Tells, for as long as the work takes, that somebody is there: whoever is silent is taken for gone. */
export async function tellingOfMerge<T>(files: RunFiles, work: Promise<T>): Promise<T> {
  const tell = async () => {
    const progress = await files.progress.read();
    if (progress) await files.progress.write({ ...progress, toldAtMs: Date.now() });
  };
  // A store that takes no news may still take the report.
  const timer = setInterval(() => void tell().catch(() => {}), EVERY_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Cores that this process may use: the smaller of what it sees and what its cgroup grants. */
export function usableCores(): number {
  const seen = availableParallelism();
  const quota = cgroupQuota();
  return Math.max(1, quota === null ? seen : Math.min(seen, Math.floor(quota)));
}

/**
 * How many load threads a machine runs: one event loop per core, and one core left for everything
 * else. A thread spins only where it has a core of its own.
 */
export function threadsOf(cores: number): { threads: number; pacer: 'spin' | 'timer' } {
  return { threads: Math.max(1, cores - 1), pacer: cores >= 2 ? 'spin' : 'timer' };
}

function cgroupQuota(): number | null {
  try {
    const [quota, period] = readFileSync('/sys/fs/cgroup/cpu.max', 'utf8').trim().split(' ');
    return quota === 'max' ? null : Number(quota) / Number(period);
  } catch {
    // No cgroup v2 here: macOS, Windows, or an older system.
  }
  try {
    const quota = Number(readFileSync('/sys/fs/cgroup/cpu/cpu.cfs_quota_us', 'utf8'));
    const period = Number(readFileSync('/sys/fs/cgroup/cpu/cpu.cfs_period_us', 'utf8'));
    return quota > 0 && period > 0 ? quota / period : null;
  } catch {
    return null;
  }
}

import { IsochroneError } from '../errors.js';

/** Stored measurements that cannot be read back: cut short, altered, or of an unknown kind. */
export class DamagedError extends IsochroneError {
  override readonly name = 'DamagedError';
}

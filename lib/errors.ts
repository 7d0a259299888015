/** Every exit code that the command can end with. */
export const ExitCode = {
  good: 0,
  unexpected: 1,
  usage: 2,
  unavailable: 3,
  invalid: 4,
  objectives: 99,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** An error for people: says what was wrong, where, and what to do, and knows its exit code. */
export class IsochroneError extends Error {
  override readonly name: string = 'IsochroneError';
  readonly exitCode: ExitCode = ExitCode.unexpected;
}

/** The command line or a plan asks for something that cannot be done. */
export class UsageError extends IsochroneError {
  override readonly name = 'UsageError';
  override readonly exitCode = ExitCode.usage;
}

/** A store, a permission or a cloud stands in the way; the measurement itself is not judged. */
export class UnavailableError extends IsochroneError {
  override readonly name = 'UnavailableError';
  override readonly exitCode = ExitCode.unavailable;
}

import { ExitCode, IsochroneError } from '../../errors.js';
import { say, type Terminal } from './terminal.js';

/** Tells what went wrong, and with which exit code that ends. */
export function tellFailure(terminal: Terminal, error: unknown): ExitCode {
  if (error instanceof IsochroneError) {
    // A plan's mistakes come rendered, each with its place.
    const { message } = error;
    say(terminal, message.startsWith('error:') ? message : `error: ${message}`);
    return error.exitCode;
  }
  const message = error instanceof Error ? error.message : String(error);
  say(terminal, `error: ${message}`);
  if (terminal.env.ISOCHRONE_DEBUG === '1') {
    if (error instanceof Error && error.stack) say(terminal, error.stack);
    say(terminal, 'This is a bug in isochrone. Please report it with the lines above.');
  } else {
    say(
      terminal,
      'This is a bug in isochrone. Please report it with what ISOCHRONE_DEBUG=1 shows.',
    );
  }
  return ExitCode.unexpected;
}

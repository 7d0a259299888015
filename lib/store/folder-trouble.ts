import { IsochroneError, UnavailableError } from '../errors.js';

const ELSEWHERE = 'choose another place with --store DIR';
const TOO_MANY_FILES = 'allow more with "ulimit -n 8192", or open fewer connections';

/** What an operating system's error code means for people, and what they can do. */
const MEANINGS: Readonly<Record<string, readonly [meaning: string, remedy: string]>> = {
  EACCES: ['permission denied', ELSEWHERE],
  EPERM: ['permission denied', ELSEWHERE],
  EROFS: ['the file system is read-only', ELSEWHERE],
  ENOSPC: ['disk full', `free some space, or ${ELSEWHERE}`],
  EDQUOT: ['disk quota used up', `free some space, or ${ELSEWHERE}`],
  ENOTDIR: ['a file stands where a folder is needed', ELSEWHERE],
  EEXIST: ['a file stands where a folder is needed', ELSEWHERE],
  ENOENT: ['it does not exist and cannot be made', ELSEWHERE],
  ENAMETOOLONG: ['the path is too long', ELSEWHERE],
  EMFILE: ['too many open files', TOO_MANY_FILES],
  ENFILE: ['too many open files', TOO_MANY_FILES],
};

export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** Turns an error of the file system into one for people; what is one already stays as it is. */
export function folderTrouble(error: unknown, act: 'read' | 'write', folder: string): Error {
  if (error instanceof IsochroneError) return error;
  const code = errorCode(error);
  // Anything without a code is a mistake in this program, not trouble with a disk.
  if (code === null) return error instanceof Error ? error : new IsochroneError(String(error));
  const [meaning, remedy] = MEANINGS[code] ?? [(error as Error).message, ELSEWHERE];
  const where = act === 'write' ? 'write to' : 'read from';
  return new UnavailableError(`cannot ${where} ${folder} (${meaning}): ${remedy}`, {
    cause: error,
  });
}

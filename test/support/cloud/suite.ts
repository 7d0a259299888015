import type { TestProject } from 'vitest/node';
import { type S3Facts, startS3Server } from './s3-server.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The S3 server of the suite: `inject('s3')`. */
    s3: S3Facts;
  }
}

/** Named as a deployment names its bucket: prefix, account, home. */
export const BUCKET = 'isochrone-111122223333-eu-west-1';

/** Starts what all files of the suite share, before the first of them. */
export default async function suite(project: TestProject): Promise<() => Promise<void>> {
  const { stop, ...facts } = await startS3Server(BUCKET);
  project.provide('s3', facts);
  return stop;
}

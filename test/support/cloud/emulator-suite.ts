import type { TestProject } from 'vitest/node';
import { startS3Server } from './s3-server.js';

/** Starts what all files of the suite share, before the first of them; accounts begin empty. */
export default async function suite(project: TestProject): Promise<() => Promise<void>> {
  const { stop, ...facts } = await startS3Server('of-nobody');
  project.provide('s3', facts);
  return stop;
}

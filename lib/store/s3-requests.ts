/** What has been asked of S3, by what it is charged for, every attempt counted. */
export interface S3Requests {
  readonly puts: number;
  /** GET and HEAD. */
  readonly gets: number;
  readonly lists: number;
  /** Of objects, without headers. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** How many of them repeated one that had failed. */
  readonly retries: number;
}

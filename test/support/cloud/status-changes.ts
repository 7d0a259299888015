import type { ExecutionStatus } from '@aws-sdk/client-lambda';

/** The event that Lambda sends to EventBridge when a durable execution starts or ends. */
export interface StatusChange {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': 'Durable Execution Status Change';
  readonly source: 'aws.lambda';
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: {
    readonly durableExecutionArn: string;
    readonly durableExecutionName: string;
    readonly functionArn: string;
    readonly status: ExecutionStatus;
    readonly startTimestamp: string;
    readonly endTimestamp?: string;
  };
}

export type StatusListener = (change: StatusChange) => void;

/** Who is told of durable executions that start and end. */
export class StatusChanges {
  readonly told: StatusChange[] = [];
  readonly #listeners = new Set<StatusListener>();

  listen(listener: StatusListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(change: StatusChange): void {
    this.told.push(change);
    for (const listener of this.#listeners) listener(change);
  }
}

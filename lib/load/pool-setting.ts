import type { DiallerSetting } from './dialler.js';
import type { ElsewhereSetting } from './elsewhere.js';
import type { FirstAnswers } from './first-answers.js';
import type { Hide } from './record-job.js';
import type { RequestTemplate } from './request-template.js';

export interface PoolSetting extends DiallerSetting {
  readonly templates: readonly RequestTemplate[];
  readonly firstAnswers: FirstAnswers;
  /** Kept open even when nothing needs them, and opened before the start. */
  readonly floor: number;
  /** Never more than these. */
  readonly ceiling: number;
  /** Takes out of a text what must not be stored. */
  readonly hide: Hide;
  /** Each connection serves one request, or one visitor that has its own. Absent: any, in turn. */
  readonly apart?: boolean | undefined;
  /** Where redirects may lead. */
  readonly elsewhere: ElsewhereSetting;
}

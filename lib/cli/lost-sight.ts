import { instant } from '../report/render/figures.js';
import type { Followed } from '../run/follow.js';
import type { Begun } from '../run/until-begun.js';

/** Who does not see a run any more does not know how it ends. `flag` names its store. */
export function lostSight(
  run: string,
  followed: Exclude<Followed, { kind: 'ended' }>,
  flag: string,
): string[] {
  const again = `  isochrone watch ${run}${flag}    takes it up again`;
  switch (followed.kind) {
    case 'left':
      return [
        `${run} goes on, and nothing of it is lost`,
        again,
        `  isochrone stop ${run}${flag}     ends it`,
      ];
    case 'lost':
      return [`lost sight of ${run}, which may well go on: ${followed.cause}`, again];
    case 'vanished':
      return [
        `nobody leads ${run} any more: last seen ${instant(followed.seenAtMs)}, and it has no verdict`,
        `  isochrone report ${run}${flag}    merges what it has measured`,
      ];
  }
}

/** Nobody has taken up what was asked for, or whoever did gave up. */
export function notBegun(
  run: string,
  begun: Exclude<Begun, { kind: 'begun' }>,
  flag: string,
  log = 'the log of its orchestrator',
): string[] {
  const again = `  isochrone watch ${run}${flag}    looks for it again`;
  switch (begun.kind) {
    case 'left':
      return [`${run} has been asked for, and has not begun yet`, again];
    case 'waiting':
      return [`${run} has been asked for, and nobody has begun it: ${log} may say why`, again];
    case 'failed':
      return [
        `${run} never began, and its orchestrator is gone: ${begun.cause}`,
        `  ${log} may say more`,
      ];
  }
}

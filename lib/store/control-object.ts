import { IsochroneError, UnavailableError } from '../errors.js';
import type { Control } from './control.js';
import { backwardStep } from './control-order.js';
import type { JsonObject } from './json-object.js';
import type { ReadLimit } from './store.js';

export interface ControlObject {
  /** False when the run has one. */
  create(control: Control): Promise<boolean>;
  read(limit?: ReadLimit): Promise<Control | null>;
  /**
   * Gives what `change` makes of the present order, again with each newer one until nobody came
   * between; null leaves it as it is. A stopped run is not changed and `change` not asked: look
   * at `stop` of what comes back.
   *
   *     const { stop } = await control.update((now) => ({ ...now, stop: order }));
   */
  update(change: (now: Control) => Control | null): Promise<Control>;
}

export function controlObject(object: JsonObject<Control>, address: string): ControlObject {
  return {
    create: (control) => object.create(control),
    read: (limit) => object.read(limit),
    update: async (change) => {
      for (;;) {
        const now = await object.readTagged();
        if (now === null) {
          throw new UnavailableError(
            `${address} is missing: there is no such run to be controlled`,
          );
        }
        if (now.value.stop !== null) return now.value;
        const next = change(now.value);
        if (next === null) return now.value;
        const problem = backwardStep(now.value, next);
        if (problem !== null) {
          throw new IsochroneError(`refused to write ${address}: ${problem}`);
        }
        if ((await object.swap(next, now.tag)) !== null) return next;
      }
    },
  };
}

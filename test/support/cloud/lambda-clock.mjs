/**
 * Shifts the wall clock of its process before anything else is loaded, and of its threads (Node
 * leaves out those whose code is text, `eval: true`): `--import …/lambda-clock.mjs?shiftMs=1500`.
 * The monotonic clock stays what it is.
 */
const shiftMs = Number(new URL(import.meta.url).searchParams.get('shiftMs'));
const TrueDate = Date;
const trueNow = Date.now;
const now = () => trueNow() + shiftMs;

function ShiftedDate(...args) {
  if (!new.target) return new TrueDate(now()).toString();
  return Reflect.construct(TrueDate, args.length === 0 ? [now()] : args, new.target);
}
Object.setPrototypeOf(ShiftedDate, TrueDate);
ShiftedDate.prototype = TrueDate.prototype;
ShiftedDate.prototype.constructor = ShiftedDate;
ShiftedDate.now = now;
globalThis.Date = ShiftedDate;

Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin + shiftMs });

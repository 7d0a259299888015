/**
 * Called when a function's code has been loaded: gives how long that took, ms, to whoever asks
 * first. Later invocations of a sandbox find the code there.
 */
export function loadTime(): () => number {
  let leftMs = performance.now();
  return () => {
    const initMs = leftMs;
    leftMs = 0;
    return initMs;
  };
}

/**
 * What the signals that end a program mean to a run: the first asks it to stop and still report;
 * a second Ctrl-C leaves at once. Returns how to stop listening.
 */
export function onInterrupt(handlers: {
  readonly stop: (by: 'interrupt' | 'terminate') => void;
  readonly leave: () => void;
}): () => void {
  let asked = false;
  const interrupt = () => {
    if (asked) handlers.leave();
    asked = true;
    handlers.stop('interrupt');
  };
  const terminate = () => {
    asked = true;
    handlers.stop('terminate');
  };
  // A terminal that is closed takes nothing with it: the run goes on and keeps its report.
  const hangUp = () => {};
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', terminate);
  process.on('SIGHUP', hangUp);
  return () => {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', terminate);
    process.off('SIGHUP', hangUp);
  };
}

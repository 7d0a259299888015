/** `0:42`, `12:05`, `1:02:05`; what lies before the start is 0:00. */
export function clock(us: number): string {
  const seconds = Math.max(0, Math.floor(us / 1e6));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}

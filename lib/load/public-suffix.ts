/** Whether names below this one belong to anybody: `com`, `co.uk`, `github.io`. */
export type PublicSuffix = (host: string) => boolean;

/** The list of all of them is large, and needed where cookies are kept. To be awaited before the start. */
export async function publicSuffixes(): Promise<PublicSuffix> {
  const { getPublicSuffix } = await import('tldts');
  return (host) => getPublicSuffix(host, { allowPrivateDomains: true }) === host;
}

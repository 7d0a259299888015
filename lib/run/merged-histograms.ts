import { UnavailableError } from '../errors.js';
import { decodeFragment } from '../measure/fragment.js';
import type { FragmentContent } from '../measure/fragment-content.js';
import type { Report } from '../report/report-schema.js';
import type { RunFiles } from '../store/run-files.js';

/** Where the histograms behind a report are kept, `<region>.frag` each. */
export type MergedFiles = Pick<RunFiles['merged'], 'read' | 'address'>;

/** The histograms that a report was made from, by region. */
export async function mergedHistograms(
  { run }: Report,
  merged: MergedFiles,
): Promise<FragmentContent[]> {
  // One after another: unpacked, those of a long run are large.
  const contents: FragmentContent[] = [];
  for (const region of run.regions) {
    const name = `${region}.frag`;
    const bytes = await merged.read(name);
    if (bytes === null) {
      throw new UnavailableError(
        `${merged.address(name)} is missing: an .hlog is made of the histograms that a run keeps beside its report, which a report.json does not hold; name the run, or its folder`,
      );
    }
    const content = decodeFragment(bytes);
    if (content.run !== run.id) {
      throw new UnavailableError(`${merged.address(name)} is of the run ${content.run}`);
    }
    contents.push(content);
  }
  return contents;
}

// CPU time to decode and add one histogram, ours against hdr-histogram-js: `npm run bench -- merge`.
import { judge, say } from './figures.js';
import { compareMerges, prepare } from './merge.js';

const LEAST_RATIO = 4;
const ROUNDS = 9;
const smoke = process.argv.includes('--smoke');
const scale = smoke ? 0.3 : 1;

prepare();
say(`CPU µs a histogram, median of ${ROUNDS} rounds in turns`);
say('samples   isochrone   hdr-histogram-js (wasm)   ratio');
const [large, small] = [
  { samples: 10_000, histograms: 1_000 * scale },
  { samples: 25, histograms: 10_000 * scale },
].map((one) => {
  const { samples, oursUs, theirsUs, ratio } = compareMerges(one, ROUNDS);
  say(
    `${String(samples).padStart(7)}   ${oursUs.toFixed(1).padStart(9)}   ` +
      `${theirsUs.toFixed(1).padStart(23)}   ${ratio.toFixed(1).padStart(5)}`,
  );
  return ratio;
});
process.exitCode = judge(
  smoke
    ? [['both came to the same sums', large! > 0 && small! > 0]]
    : [[`10,000 samples are merged at least ${LEAST_RATIO} times as fast`, large! >= LEAST_RATIO]],
);

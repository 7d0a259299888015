// Makes docs/images/report.png, the picture in the README: the page of a real run, which is the
// demo's, or of a report.json that is named. Needs `npm run build` and a Chromium.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { renderHtml } from '../dist/lib/report/html/html.js';
import { findBrowser } from './browser-suite.mjs';

const WIDTH = 1240;
const HEIGHT = 1600;
const ATTEMPTS = 6;
const PICTURE = fileURLToPath(new URL('../docs/images/report.png', import.meta.url));
const COMMAND = fileURLToPath(new URL('../dist/bin/isochrone.js', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'report-picture-'));
try {
  const [named] = process.argv.slice(2);
  const report = JSON.parse(readFileSync(named ?? demoReport(), 'utf8'));
  const path = join(folder, 'report.html');
  writeFileSync(path, renderHtml(report));
  mkdirSync(fileURLToPath(new URL('../docs/images/', import.meta.url)), { recursive: true });
  await shoot(path);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Of a machine that was busy with something else there is no picture. */
function demoReport() {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const cwd = join(folder, String(attempt));
    mkdirSync(cwd);
    const stdio = ['ignore', 'ignore', 'inherit'];
    const { status } = spawnSync(process.execPath, [COMMAND, 'demo'], { cwd, stdio });
    if (status !== 0) throw new Error('the demo did not run');
    const runs = join(cwd, 'isochrone-runs', 'runs');
    const path = join(runs, readdirSync(runs)[0], 'report', 'report.json');
    if (JSON.parse(readFileSync(path, 'utf8')).verdict.level === 'good') return path;
  }
  throw new Error(`${ATTEMPTS} times the measurement was not good: leave the machine alone`);
}

async function shoot(path) {
  const browser = await chromium.launch({ executablePath: findBrowser(), args: ['--no-sandbox'] });
  const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
  await page.goto(pathToFileURL(path).href);
  // It ends where a card does, not in the middle of one.
  const height = await page.evaluate((most) => {
    const ends = [...document.querySelectorAll('.card')].map((card) =>
      Math.ceil(card.getBoundingClientRect().bottom),
    );
    return Math.max(...ends.filter((end) => end <= most)) + 16;
  }, HEIGHT);
  await page.screenshot({ path: PICTURE, clip: { x: 0, y: 0, width: WIDTH, height } });
  await browser.close();
}

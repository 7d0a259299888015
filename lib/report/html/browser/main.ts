import { openAddress } from './address.js';
import { offerDownloads } from './downloads.js';
import { unfoldWhenAsked } from './lazy.js';
import { readNames } from './names.js';
import { startSlicer } from './slicer.js';
import { prepareTables } from './tables.js';
import { offerThemes } from './theme.js';

/** Everything here is comfort: the page says the same without it. */
const names = readNames();
const tools = document.getElementById('tools');
if (tools) {
  tools.hidden = false;
  offerDownloads(tools, names);
  offerThemes(tools);
}
unfoldWhenAsked();
const slicer = startSlicer(names);
prepareTables(document);
openAddress(slicer);
addEventListener('hashchange', () => openAddress(slicer));

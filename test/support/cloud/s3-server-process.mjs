// Runs a real S3 server, radosgw with the least of Ceph below it, in one temporary folder.
//
// It is a process of its own so that nothing stays behind, however its parent ends: the parent
// holds the other end of stdin, and when that closes, by `stop` or by death, the daemons are
// killed and the folder is removed. One line of JSON on stdout says where the server is.
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const { users } = JSON.parse(process.argv[2]);
const GIVE_UP_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'isochrone-s3-'));
const conf = join(folder, 'ceph.conf');
const keyring = join(folder, 'keyring');
const daemons = [];

let ending = false;
async function end(code) {
  if (ending) return;
  ending = true;
  const gone = daemons.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit'));
  for (const child of daemons) child.kill('SIGKILL');
  await Promise.all(gone);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  process.exit(code);
}
process.stdin.on('end', () => end(0)).resume();
// Ctrl-C reaches everyone at once: whoever uses the server decides when it ends.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
process.on('SIGTERM', () => end(0));

const run = async (program, ...args) => {
  const { stdout } = await promisify(execFile)(program, ['-c', conf, ...args], {
    timeout: GIVE_UP_MS,
  });
  return stdout;
};
const ceph = (...args) => run('ceph', '-k', keyring, ...args);

function daemon(program, ...args) {
  const child = spawn(program, ['-f', '-c', conf, '-k', keyring, ...args], { stdio: 'ignore' });
  daemons.push(child);
  child.on('exit', (code, signal) => fail(`${program} ended (${code ?? signal})`));
}

function fail(what) {
  if (ending) return;
  let log = '';
  try {
    log = readFileSync(join(folder, 'ceph.log'), 'utf8').split('\n').slice(-15).join('\n');
  } catch {}
  process.stderr.write(`the S3 server did not start: ${what}\n${log}\n`);
  end(1);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(what, look) {
  const untilMs = performance.now() + GIVE_UP_MS;
  while (!(await look().catch(() => false))) {
    if (performance.now() > untilMs) throw new Error(`${what} took over ${GIVE_UP_MS / 1000} s`);
    await sleep(100);
  }
}

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => socket.destroy() && resolve(true));
    socket.on('error', () => resolve(false));
  });

async function start() {
  const [v2, v1, port] = [await freePort(), await freePort(), await freePort()];
  const fsid = randomUUID();
  writeFileSync(
    conf,
    `[global]
fsid = ${fsid}
mon host = [v2:127.0.0.1:${v2},v1:127.0.0.1:${v1}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
# Without cephx radosgw hangs on "get_initial_auth_request returned -13".
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
keyring = ${keyring}
run dir = ${folder}
admin socket = ${folder}/$name.$pid.asok
log file = ${folder}/ceph.log
pid file = ${folder}/$name.pid
mon data = ${folder}/mon
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 1
osd data = ${folder}/osd
osd objectstore = memstore
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0

[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:${port}
rgw run sync thread = false
rgw enable gc threads = false
rgw enable lc threads = false
`,
  );
  const everything = ['mon', 'osd', 'mgr'].flatMap((who) => ['--cap', who, 'allow *']);
  for (const name of ['mon.', 'client.admin', 'osd.0', 'client.rgw.a']) {
    const make = name === 'mon.' ? ['--create-keyring'] : [];
    await run('ceph-authtool', keyring, ...make, '--gen-key', '-n', name, ...everything);
  }
  const map = join(folder, 'monmap');
  const addresses = `[v2:127.0.0.1:${v2},v1:127.0.0.1:${v1}]`;
  await run('monmaptool', '--create', '--clobber', '--addv', 'a', addresses, '--fsid', fsid, map);
  await run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', map, '--keyring', keyring);
  daemon('ceph-mon', '-i', 'a');
  await until('ceph-mon', () => ceph('mon', 'stat'));

  const osd = randomUUID();
  mkdirSync(join(folder, 'osd'));
  await ceph('osd', 'new', osd);
  await run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd, '-k', keyring);
  daemon('ceph-osd', '-i', '0');
  await until('ceph-osd', async () => /\b1 up\b/.test(await ceph('osd', 'stat')));

  daemon('radosgw', '-n', 'client.rgw.a');
  for (const { name, accessKeyId, secretAccessKey } of users) {
    const keys = ['--access-key', accessKeyId, '--secret-key', secretAccessKey];
    const who = ['--uid', name, '--display-name', name];
    const admin = ['-k', keyring, '-n', 'client.admin'];
    await run('radosgw-admin', ...admin, 'user', 'create', ...who, ...keys);
  }
  await until('radosgw', () => listens(port));
  process.stdout.write(`${JSON.stringify({ port })}\n`);
}

start().catch((error) => fail(error.message.slice(0, 2_000)));

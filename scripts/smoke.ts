import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { deepEqual, equal, match } from 'node:assert/strict';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The packaged executable as it meets the world: an empty environment, no Node, a user without rights. */
const executable = path.join(import.meta.dirname, `../dist/secretctl-${process.platform}-${process.arch}`);
const NOBODY = 65_534;
const user = process.getuid?.() === 0 ? NOBODY : process.getuid?.();

const place = mkdtempSync(path.join(tmpdir(), 'smoke-'));
try {
  smoke(prepared(place));
  process.stdout.write('the executable works\n');
} finally {
  rmSync(place, { recursive: true, force: true });
}

function smoke(work: string): void {
  const before = ownTemporaryFiles();
  const version = JSON.parse(readFileSync(path.join(import.meta.dirname, '../package.json'), 'utf8')).version;
  equal(run(work, ['--version']), `secretctl ${version}\n`);

  const secrets = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`app/s${index}`, `made-up ${index}`]));
  writeFileSync(path.join(work, 'secrets.yaml'), JSON.stringify(secrets));
  const references = Object.keys(secrets).map((name, index) => `S${index}=${name}`);
  const expected = Object.fromEntries(Object.values(secrets).map((value, index) => [`S${index}`, value]));
  const fetch = `secretctl fetch --format json ${references.join(' ')}`;
  const rehearsed = ['dev', 'exec', '--backend', 'conjur', '--secrets', 'secrets.yaml', '--report', 'r.json', '--'];

  deepEqual(JSON.parse(run(work, [...rehearsed, ...fetch.split(' ')])), expected);
  deepEqual(counts(work), { exchanges: 1, reads: 1 });

  const thrice = run(work, [...rehearsed, '/bin/sh', '-c', `${fetch} && ${fetch} && ${fetch}`]);
  equal(thrice.match(/"S0"/g)?.length, 3);
  deepEqual(counts(work), { exchanges: 1, reads: 3 });

  run(work, [...rehearsed, '/bin/sh', '-c', `${fetch} -o out.json && secretctl logout`]);
  equal(statSync(path.join(work, 'out.json')).mode & 0o777, 0o600);
  deepEqual(JSON.parse(readFileSync(path.join(work, 'out.json'), 'utf8')), expected);

  // The job's NODE_OPTIONS are not this program's: nothing of them is loaded.
  match(run(work, ['--version'], ['NODE_OPTIONS=--require=/no/such/file']), /^secretctl /);
  deepEqual(ownTemporaryFiles(), before);
}

/** The executable in a place that the user without rights may read, and a directory where it may write. */
function prepared(directory: string): string {
  const work = path.join(directory, 'work');
  chmodSync(directory, 0o755);
  mkdirSync(work, { mode: 0o700 });
  if (user === NOBODY) chownSync(work, NOBODY, NOBODY);
  copyFileSync(executable, path.join(directory, 'secretctl'));
  chmodSync(path.join(directory, 'secretctl'), 0o755);
  return work;
}

/** What it prints; anything but success ends the test. */
function run(work: string, args: readonly string[], environment: readonly string[] = []): string {
  const command = ['env', '-i', ...environment, path.join(path.dirname(work), 'secretctl'), ...args];
  const lowered =
    user === NOBODY ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...command] : command;
  const [program = '', ...rest] = lowered;
  const { status, stdout, stderr } = spawnSync(program, rest, { cwd: work, encoding: 'utf8' });
  deepEqual({ status, stderr }, { status: 0, stderr: '' });
  return stdout;
}

function counts(work: string): { exchanges: number; reads: number } {
  const { exchanges, reads } = JSON.parse(readFileSync(path.join(work, 'r.json'), 'utf8'));
  return { exchanges, reads };
}

/** Entries of the system's temporary directory that belong to that user, but for the place of this test. */
function ownTemporaryFiles(): string[] {
  return readdirSync('/tmp').filter((name) => {
    const found = statSync(path.join('/tmp', name), { throwIfNoEntry: false });
    return found?.uid === user && path.join('/tmp', name) !== place;
  });
}

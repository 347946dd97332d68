import { join } from 'node:path';

import type { Runtime } from '../../lib/runtime.ts';
import type { TokenProgram } from '../frame/ci-job.ts';
import type { Rehearsal } from '../frame/rehearsal.ts';
import { writeSigner } from '../serve/state.ts';
import { shellQuoted } from './launcher.ts';

/** What leads a rehearsed job to its token as its CI would. */
export interface OwnToken {
  readonly variables: Readonly<Record<string, string>>;
  /** The same for a job whose configuration file says otherwise. */
  readonly lead: Readonly<Record<string, string>>;
}

/** Private directories of this run. */
export interface Places {
  readonly directory: string;
  /** In front of PATH. */
  readonly launcherDirectory: string;
}

/** Puts the files in place by which the CI gives the job its token; undefined where the job declares a variable for it. */
export function placeOwnToken(rehearsal: Rehearsal, places: Places, runtime: Runtime): OwnToken | undefined {
  if (rehearsal.ownToken === undefined) return undefined;
  const { way, place } = rehearsal.ownToken;
  const file = join(places.directory, 'token');
  runtime.fs.writeFileSync(file, place.token, { mode: 0o600, flag: 'wx' });
  if (way.program !== undefined) placeProgram(way.program, rehearsal, places, runtime);
  const trust = way.endpoint === undefined ? {} : { NODE_EXTRA_CA_CERTS: placeRoots(rehearsal, places, runtime) };
  return { variables: { ...trust, ...way.variables({ ...place, file }) }, lead: way.lead({ ...place, file }) };
}

/** The issuer's CA beside those that were trusted before: whatever else the job runs trusts whom it trusted. */
function placeRoots({ caPem }: Rehearsal, { directory }: Places, { env, fs }: Runtime): string {
  const file = join(directory, 'roots.pem');
  const before = env['NODE_EXTRA_CA_CERTS'] ?? '';
  const isThere = before !== '' && fs.statSync(before, { throwIfNoEntry: false })?.isFile() === true;
  const text = isThere ? `${fs.readFileSync(before, 'utf8')}\n${caPem}` : caPem;
  fs.writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  return file;
}

/** The script asks `dev token`, which signs with the issuer's key. */
function placeProgram(
  { name, script }: TokenProgram,
  rehearsal: Rehearsal,
  { directory, launcherDirectory }: Places,
  { fs }: Runtime,
): void {
  const state = join(directory, 'issuer');
  fs.mkdirSync(state, { mode: 0o700 });
  const write = (file: string, text: string): void =>
    fs.writeFileSync(join(state, file), text, { mode: 0o600, flag: 'wx' });
  writeSigner({ write }, rehearsal.signer);
  const secretctl = shellQuoted(join(launcherDirectory, 'secretctl'));
  const printToken = `print_token() { exec ${secretctl} dev token --state ${shellQuoted(state)} \${1:+--audience "$1"}; }`;
  const text = `#!/bin/sh\n${printToken}\n${script}`;
  fs.writeFileSync(join(launcherDirectory, name), text, { mode: 0o700, flag: 'wx' });
}

import { join } from 'node:path';

import { SecretctlError, systemCode } from '../../lib/errors.ts';
import type { Runtime } from '../../lib/runtime.ts';
import { quoted } from '../../lib/text.ts';
import { ciJob } from '../frame/jobs.ts';
import { exportKey, importKey, type Signer } from '../frame/signing.ts';

/** The private directory through which `dev serve` shares its issuer with `dev token`. */
export interface StateDirectory {
  readonly path: string;
  /** A new file, 0600, in place of an older one. */
  write(name: string, text: string): void;
  /** Removes what was written and, when it was made here, the directory. */
  remove(): void;
}

const SIGNER_FILE = 'issuer.json';

/**
 * Opens the directory that the user named, made when it is absent, or a new one. Throws TARGET_UNSAFE for one that
 * others may enter, and NO_DIRECTORY.
 */
export function openStateDirectory(named: string | undefined, runtime: Runtime): StateDirectory {
  const { fs, host } = runtime;
  const isMade = named === undefined || makeDirectory(named, runtime);
  const path = named ?? fs.mkdtempSync(join(host.temporaryDirectory, 'secretctl-serve-'));
  if (!isMade) checkPrivate(path, runtime);
  const written = new Set<string>();
  return {
    path,
    write(name, text) {
      const file = join(path, name);
      fs.rmSync(file, { force: true });
      fs.writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
      written.add(file);
    },
    remove() {
      for (const file of written) fs.rmSync(file, { force: true });
      if (isMade) fs.rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Leaves what `dev token` needs in the directory: the issuer's private key among it. */
export function writeSigner(directory: StateDirectory, signer: Signer): void {
  const { job, origin, issuer, audience, lifetimeSeconds, claims, key } = signer;
  const state = { ci: job.ci, origin, issuer, audience, lifetimeSeconds, claims, kid: key.kid, key: exportKey(key) };
  directory.write(SIGNER_FILE, `${JSON.stringify(state)}\n`);
}

/** What {@link writeSigner} left. Throws CONFIG_MISSING when no rehearsal runs there, TARGET_UNSAFE when others may enter. */
export function readSigner(path: string, runtime: Runtime): Signer {
  const state = readState(path, runtime);
  const job = isState(state) ? ciJob(state.ci) : undefined;
  if (!isState(state) || job === undefined) throw nothingThere(path);
  const { origin, issuer, audience, lifetimeSeconds, claims, kid, key } = state;
  return { job, origin, issuer, audience, lifetimeSeconds, claims, key: importKey(key, kid) };
}

interface State extends Pick<Signer, 'origin' | 'issuer' | 'audience' | 'lifetimeSeconds' | 'claims'> {
  readonly ci: string;
  readonly kid: string;
  readonly key: string;
}

const STATE_TEXTS = ['ci', 'origin', 'issuer', 'audience', 'kid', 'key'] as const;

function isState(value: unknown): value is State {
  if (typeof value !== 'object' || value === null) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  if (typeof members.get('lifetimeSeconds') !== 'number' || typeof members.get('claims') !== 'object') return false;
  return STATE_TEXTS.every((name) => typeof members.get(name) === 'string');
}

function readState(path: string, runtime: Runtime): unknown {
  try {
    checkPrivate(path, runtime);
    return JSON.parse(runtime.fs.readFileSync(join(path, SIGNER_FILE), 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) !== undefined) throw nothingThere(path);
    throw error;
  }
}

function nothingThere(path: string): SecretctlError {
  return new SecretctlError('CONFIG_MISSING', `no rehearsal runs with its state in ${quoted(path)}`, {
    hint: `start one in another terminal: secretctl dev serve --state ${quoted(path)}`,
  });
}

/** True when it did not exist before. */
function makeDirectory(path: string, runtime: Runtime): boolean {
  try {
    runtime.fs.mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw new SecretctlError(
      'NO_DIRECTORY',
      `${quoted(path)} could not be made (${systemCode(error) ?? 'unknown reason'})`,
    );
  }
}

function checkPrivate(path: string, runtime: Runtime): void {
  const status = runtime.fs.lstatSync(path);
  const { uid } = runtime.host;
  if (status.isDirectory() && (status.mode & 0o077) === 0 && (uid < 0 || status.uid === uid)) return;
  throw new SecretctlError(
    'TARGET_UNSAFE',
    `${quoted(path)} must be a directory that is yours and that nobody else may enter`,
    {
      hint: `chmod 700 ${path}, or name one that does not exist yet`,
    },
  );
}

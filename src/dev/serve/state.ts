import { connect } from 'node:net';
import { join, resolve as absolute } from 'node:path';

import { SecretctlError, systemCode } from '../../lib/errors.ts';
import type { Runtime } from '../../lib/runtime.ts';
import { quoted } from '../../lib/text.ts';
import { ciJob } from '../frame/jobs.ts';
import { exportKey, importKey, type Signer } from '../frame/signing.ts';

/** The private directory through which `dev serve` shares its issuer with `dev token`. */
export interface StateDirectory {
  /** Absolute. */
  readonly path: string;
  /**
   * A directory of this run alone, 0700, for what commands keep: never below a named directory, which may lie in a
   * repository, where no access token may be kept.
   */
  readonly privatePath: string;
  /** A new file, 0600. Throws USAGE when there is one. */
  write(name: string, text: string): void;
  /** Removes what was written, the private directory and, when it was made here and nothing else is in it, this one. */
  remove(): void;
}

const SIGNER_FILE = 'issuer.json';

/** What another terminal sources. */
export const JOB_FILE = 'job.sh';

/**
 * Opens the directory that the user named, made when it is absent, or a new one. Throws TARGET_UNSAFE for one that
 * others may enter, USAGE for one that a running rehearsal uses, and NO_DIRECTORY. What a rehearsal left there that
 * was killed is removed.
 */
export async function openStateDirectory(named: string | undefined, runtime: Runtime): Promise<StateDirectory> {
  const { fs, host } = runtime;
  const wanted = named === undefined ? undefined : absolute(host.cwd, named);
  const isMade = wanted !== undefined && makeDirectory(wanted, runtime);
  if (wanted !== undefined && !isMade) await clearLeftOver(wanted, runtime);
  const privatePath = fs.mkdtempSync(join(host.temporaryDirectory, 'secretctl-serve-'));
  const path = wanted ?? privatePath;
  const written = new Set<string>();
  return {
    path,
    privatePath,
    write(name, text) {
      const file = join(path, name);
      try {
        fs.writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
      } catch (error) {
        throw systemCode(error) === 'EEXIST' ? inUse(path) : error;
      }
      written.add(file);
    },
    remove() {
      for (const file of written) fs.rmSync(file, { force: true });
      fs.rmSync(privatePath, { recursive: true, force: true });
      // Another rehearsal may have come first to what was made here.
      if (isMade && isEmpty(path, runtime)) fs.rmSync(path, { recursive: true, force: true });
    },
  };
}

function isEmpty(path: string, { fs }: Runtime): boolean {
  return fs.statSync(path, { throwIfNoEntry: false }) !== undefined && fs.readdirSync(path).length === 0;
}

/** Checks a directory that was there before. */
async function clearLeftOver(path: string, runtime: Runtime): Promise<void> {
  checkPrivate(path, runtime);
  const state = readState(path, runtime);
  if (isState(state) && (await isListening(state.origin))) throw inUse(path);
  for (const name of [SIGNER_FILE, JOB_FILE]) runtime.fs.rmSync(join(path, name), { force: true });
}

/** Whether an issuer takes connections there. */
function isListening(origin: string): Promise<boolean> {
  if (!URL.canParse(origin)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(origin).port) });
    const settle = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

function inUse(path: string): SecretctlError {
  return new SecretctlError('USAGE', `another rehearsal runs with its state in ${quoted(path)}`, {
    hint: `stop that one, name another directory, or use it: . ${join(path, JOB_FILE)}`,
  });
}

/** Leaves what `dev token` needs in the directory: the issuer's private key among it. */
export function writeSigner(directory: Pick<StateDirectory, 'write'>, signer: Signer): void {
  const { job, origin, issuer, audience, lifetimeSeconds, claims, key } = signer;
  const state = { ci: job.ci, origin, issuer, audience, lifetimeSeconds, claims, kid: key.kid, key: exportKey(key) };
  directory.write(SIGNER_FILE, `${JSON.stringify(state)}\n`);
}

/** What {@link writeSigner} left. Throws CONFIG_MISSING when no rehearsal runs there, TARGET_UNSAFE when others may enter. */
export function readSigner(path: string, runtime: Runtime): Signer {
  checkThere(path, runtime);
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

/** Undefined when there is none that can be read. */
function readState(path: string, runtime: Runtime): unknown {
  try {
    return JSON.parse(runtime.fs.readFileSync(join(path, SIGNER_FILE), 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

function checkThere(path: string, runtime: Runtime): void {
  try {
    checkPrivate(path, runtime);
  } catch (error) {
    throw systemCode(error) === undefined ? error : nothingThere(path);
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

import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import { CI_JOBS, ciJob } from './frame/jobs.ts';
import { openRehearsal, type Rehearsal, type RehearsalSetup } from './frame/rehearsal.ts';
import { type ClaimOverrides, makeToken, type TokenOptions } from './frame/signing.ts';
import { readSigner } from './serve/state.ts';
import type { StrictProduct } from './types.ts';

export { execRehearsed } from './exec/exec.ts';
export { faultHelp } from './frame/faults.ts';
export type { Rehearsal } from './frame/rehearsal.ts';
export type { RehearsalReport, ReportedRequest } from './frame/report.ts';
export { secretsOf, secretsOfFlags } from './secrets.ts';
export { serve } from './serve/serve.ts';

/** Every product that has a strict server; the first one is the default. */
export const PRODUCTS: Readonly<Record<string, () => Promise<StrictProduct>>> = {
  conjur: async () => (await import('./conjur/index.ts')).conjurServer,
  fortipam: async () => (await import('./fortipam/index.ts')).fortipamServer,
};

/** What is rehearsed, by the names that the command line has. */
export interface RehearsalOptions extends Omit<RehearsalSetup, 'job'> {
  /** A key of {@link PRODUCTS}. */
  readonly backend: string;
  /** `gitlab` without it. */
  readonly ci?: string;
}

/** The CIs that can be rehearsed, the default first. */
export const CI_NAMES: readonly string[] = CI_JOBS.map(({ ci }) => ci);

/**
 * Starts an issuer and a product's strict server on ports of 127.0.0.1 and waits until both answer. Throws USAGE for
 * a product, a CI, a fault or an option that is not known.
 */
export async function startRehearsal(options: RehearsalOptions, runtime: Runtime): Promise<Rehearsal> {
  const { backend, ci = CI_JOBS[0].ci, ...setup } = options;
  const load = Object.hasOwn(PRODUCTS, backend) ? PRODUCTS[backend] : undefined;
  if (load === undefined) throw unknown('--backend', Object.keys(PRODUCTS));
  const job = ciJob(ci);
  if (job === undefined) throw unknown('--ci', CI_NAMES);
  return openRehearsal(await load(), { ...setup, job }, runtime);
}

/**
 * A test token of the rehearsal that `dev serve` runs with its state in that directory. Throws CONFIG_MISSING when
 * none does.
 */
export async function tokenOfRehearsal(
  stateDirectory: string,
  claims: ClaimOverrides,
  options: TokenOptions,
  runtime: Runtime,
): Promise<string> {
  const signer = readSigner(stateDirectory, runtime);
  return makeToken(signer, runtime, { claims, options, publish: () => undefined });
}

function unknown(flag: string, known: readonly string[]): SecretctlError {
  return new SecretctlError('USAGE', `${flag} must be one of ${known.join(', ')}`);
}

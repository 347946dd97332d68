import { SecretctlError } from '../lib/errors.ts';
import type { Runtime } from '../lib/runtime.ts';
import { suggestion } from '../lib/text.ts';
import { awsOptions } from './aws/options.ts';
import { azureOptions } from './azure/options.ts';
import { conjurOptions } from './conjur/options.ts';
import type { ExecOptions } from './exec/exec.ts';
import { fortipamOptions } from './fortipam/options.ts';
import { gcpOptions } from './gcp/options.ts';
import { httpOptions } from './http/options.ts';
import { CI_JOBS, ciJob } from './frame/jobs.ts';
import type { Rehearsal, RehearsalSetup } from './frame/rehearsal.ts';
import { optionRows, type OptionRow, type OptionTable } from './frame/server-options.ts';
import type { ClaimOverrides, TokenOptions } from './frame/signing.ts';
import type { ServeOptions } from './serve/serve.ts';
import { protegrityOptions } from './protegrity/options.ts';
import { tokenExchangeOptions } from './token-exchange/options.ts';
import type { StrictProduct } from './types.ts';
import { vaultOptions } from './vault/options.ts';
import { venafiOptions } from './venafi/options.ts';

// What takes long to load (TLS servers, certificates, signing) waits until a rehearsal begins: help does without.
export { faultHelp } from './frame/faults.ts';
export { readPolicyFile } from './frame/policy-file.ts';
export { secretsOf, secretsOfFlags } from './secrets.ts';
export type { ExecOptions } from './exec/exec.ts';
export type { Rehearsal } from './frame/rehearsal.ts';
export type { RehearsalReport } from './frame/report.ts';
export type { ClaimOverrides, TokenOptions } from './frame/signing.ts';
export type { ServeOptions } from './serve/serve.ts';

/** Every product that has a strict server; the first one is the default. */
export const PRODUCTS: Readonly<Record<string, () => Promise<StrictProduct>>> = {
  conjur: async () => (await import('./conjur/index.ts')).conjurServer,
  aws: async () => (await import('./aws/index.ts')).awsServer,
  azure: async () => (await import('./azure/index.ts')).azureServer,
  fortipam: async () => (await import('./fortipam/index.ts')).fortipamServer,
  http: async () => (await import('./http/index.ts')).httpServer,
  gcp: async () => (await import('./gcp/index.ts')).gcpServer,
  protegrity: async () => (await import('./protegrity/index.ts')).protegrityServer,
  'token-exchange': async () => (await import('./token-exchange/index.ts')).tokenExchangeServer,
  vault: async () => (await import('./vault/index.ts')).vaultServer,
  venafi: async () => (await import('./venafi/index.ts')).venafiServer,
};

/** What `--option` takes for each of them. */
const OPTIONS: Readonly<Record<string, OptionTable<unknown>>> = {
  aws: awsOptions,
  azure: azureOptions,
  conjur: conjurOptions,
  fortipam: fortipamOptions,
  gcp: gcpOptions,
  http: httpOptions,
  protegrity: protegrityOptions,
  'token-exchange': tokenExchangeOptions,
  vault: vaultOptions,
  venafi: venafiOptions,
};

/** The options of each product's server, for help. */
export function optionHelp(): readonly (readonly [product: string, rows: readonly OptionRow[]])[] {
  return Object.entries(OPTIONS).map(([product, table]) => [product, optionRows(table)]);
}

/** The CIs that can be rehearsed, the default first. */
export const CI_NAMES: readonly string[] = CI_JOBS.map(({ ci }) => ci);

/** What is rehearsed, by the names that the command line has. */
export interface RehearsalOptions extends Omit<RehearsalSetup, 'job'> {
  /** A key of {@link PRODUCTS}. */
  readonly backend: string;
  /** `gitlab` without it. */
  readonly ci?: string;
}

/**
 * Starts an issuer and a product's strict server on ports of 127.0.0.1 and waits until both answer. Throws USAGE for
 * a product, a CI, a fault or an option that is not known.
 */
export async function startRehearsal(options: RehearsalOptions, runtime: Runtime): Promise<Rehearsal> {
  const { backend, ci = CI_JOBS[0].ci, ...setup } = options;
  const load = Object.hasOwn(PRODUCTS, backend) ? PRODUCTS[backend] : undefined;
  if (load === undefined) throw unknown('--backend', backend, Object.keys(PRODUCTS));
  const job = ciJob(ci);
  if (job === undefined) throw unknown('--ci', ci, CI_NAMES);
  const [{ openRehearsal }, product] = await Promise.all([import('./frame/rehearsal.ts'), load()]);
  return openRehearsal(product, { ...setup, job }, runtime);
}

/**
 * Runs a command as a job of the rehearsed CI: servers up, command, servers down, private directory gone. Returns the
 * command's exit code, 128+n when a signal ended it or the rehearsal. Throws what starting the servers or the
 * command throws, and WRITE_FAILED for the report.
 */
export async function execRehearsed(options: ExecOptions, runtime: Runtime): Promise<number> {
  const exec = await import('./exec/exec.ts');
  return exec.execRehearsed(options, runtime);
}

/** Runs issuer and server until a signal, after printing variables for another terminal. Returns 128+n of the signal. */
export async function serveRehearsal(options: ServeOptions, runtime: Runtime): Promise<number> {
  const { serve } = await import('./serve/serve.ts');
  return serve(options, runtime);
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
  const [{ readSigner }, { makeToken }] = await Promise.all([import('./serve/state.ts'), import('./frame/signing.ts')]);
  const signer = readSigner(stateDirectory, runtime);
  return makeToken(signer, runtime, { claims, options, publish: () => undefined });
}

function unknown(flag: string, word: string, known: readonly string[]): SecretctlError {
  return new SecretctlError('USAGE', `${flag} must be one of ${known.join(', ')}${suggestion(word, known)}`);
}

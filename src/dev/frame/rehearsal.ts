import { isAbsolute, join, relative, sep } from 'node:path';

import { SecretctlError } from '../../lib/errors.ts';
import { createIssuerKey, type IssuerKey } from '../../lib/jwt.ts';
import type { Runtime } from '../../lib/runtime.ts';
import { quoted } from '../../lib/text.ts';
import type { Configured, LoadedPolicy, RehearsalWorld, StrictProduct, StrictServer } from '../types.ts';
import { createAuthority, type IssuedCertificate } from './certificates.ts';
import type { CiJob, JobToken, TokenPlace } from './ci-job.ts';
import { type Fault, parseFault } from './faults.ts';
import { type Issuer, type IssuerOptions, openIssuer } from './issuer.ts';
import { CI_JOBS } from './jobs.ts';
import { madeUpSecrets } from './made-up-secrets.ts';
import { loadPolicy, type PolicyFile } from './policy-file.ts';
import { openRequestLog, type RehearsalReport, type ReportedRequest, type RequestLog } from './report.ts';
import type { ClaimOverrides, Signer, TokenOptions } from './signing.ts';
import { openStrictServer, type StrictServerOptions } from './strict-server.ts';

/** What is rehearsed. Everything has a default but the product. */
export interface RehearsalSetup {
  /** The CI whose job it is; the first one without it. */
  readonly job?: CiJob;
  /** Values by path, the last one the newest; a few made-up ones without it. */
  readonly secrets?: ReadonlyMap<string, readonly Buffer[]>;
  /** Paths that exist but that the job may not read. */
  readonly forbidden?: ReadonlySet<string>;
  /** Claims of the job's token that differ from the CI's. What the server binds stays as it is. */
  readonly claims?: ClaimOverrides;
  readonly audience?: string;
  readonly lifetimeSeconds?: number;
  readonly latencyMs?: number;
  /** As {@link parseFault} reads them. */
  readonly faults?: readonly string[];
  /** Variants of the product. */
  readonly options?: ReadonlyMap<string, string>;
  /** What the server binds instead of the job's own claims; undefined for those. */
  readonly policy?: PolicyFile;
  /** How far the server's clock is ahead, milliseconds. */
  readonly serverClockMs?: number;
  /** Name of the variable that holds the ID token; SECRETCTL_ID_TOKEN without it. */
  readonly tokenVariable?: string;
  /** The issuer's RS256 key; a new one without it, which takes longer than all the rest. */
  readonly issuerKey?: IssuerKey;
}

/** A running rehearsal: issuer and strict server. */
export interface Rehearsal {
  /** Base URL of the strict server. */
  readonly url: string;
  readonly caPem: string;
  /** Path of a file that holds it. */
  readonly caFile: string;
  /** `iss` of the test tokens. */
  readonly issuer: string;
  readonly audience: string;
  /** What another process needs to sign tokens for this rehearsal. */
  readonly signer: Signer;
  /** A new test token. `claims` come on top of those of the setup; `null` removes one. */
  token(claims?: ClaimOverrides, options?: TokenOptions): Promise<string>;
  /** The job's variables: the CI's, the token's (signed at the start), the product's, its CA file's. */
  environment(): Record<string, string>;
  /** The same without the CI's: for somebody at a terminal, which is no job. */
  variables(): Record<string, string>;
  /** The `backends:` entry of a configuration file, without the CA. */
  configuration(): Configured;
  /** Name of the variable that holds the ID token. */
  readonly tokenVariable: string;
  /** The CI's own way to the token, where it has one and no variable was named; the file is the caller's to write. */
  readonly ownToken: { readonly way: JobToken; readonly place: Omit<TokenPlace, 'file'> } | undefined;
  /** Paths the server knows, the forbidden ones among them, with the newest value where there is one. */
  readonly paths: ReadonlyMap<string, Buffer | undefined>;
  /** Every request so far, in order. */
  readonly requests: readonly ReportedRequest[];
  /** Resolves when this many requests have arrived. */
  arrival(count: number): Promise<void>;
  report(): RehearsalReport;
  /** Asks the product for a change while it runs. Throws on an unknown word. */
  disturb(what: string): void;
  /** Stops both servers and removes the CA file. Throws what the product threw, if it failed. */
  close(): Promise<void>;
}

/** The variable that is looked at when none is named. */
export const TOKEN_VARIABLE = 'SECRETCTL_ID_TOKEN';

const AUDIENCE = 'secretctl-rehearsal';

/** Starts a rehearsal of one product. Throws USAGE for a fault or an option that is not known; nothing is left then. */
export async function openRehearsal(
  product: StrictProduct,
  setup: RehearsalSetup,
  runtime: Runtime,
): Promise<Rehearsal> {
  const faults = (setup.faults ?? []).map(parseFault);
  const keys = await makeKeys(setup.issuerKey);
  // What has to be undone at the end, or when a later step fails; the last one first.
  const undo: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const issuer = await openIssuer(issuerOptions(setup, keys), runtime);
    undo.push(() => issuer.close());
    const secrets = await secretsFor(product, setup.secrets);
    const options = setup.options ?? new Map<string, string>();
    const policy = setup.policy && (await loadPolicy(product, setup.policy, issuer.issuer, options));
    const world = rehearsalWorld({ ...setup, secrets }, issuer, policy, runtime);
    const stage: Stage = { product: product.start(world), setup, issuer, world, log: openRequestLog() };
    const server = await openStrictServer(serverOptions(stage, keys.tls, faults), runtime);
    // The very last, because it throws what the product threw.
    undo.unshift(() => server.close());
    const directory = runtime.fs.mkdtempSync(join(runtime.host.temporaryDirectory, 'secretctl-ca-'));
    undo.push(() => runtime.fs.rmSync(directory, { recursive: true, force: true }));
    const caFile = join(directory, 'ca.pem');
    runtime.fs.writeFileSync(caFile, keys.caPem, { mode: 0o600, flag: 'wx' });
    const token = await issuer.token({}, {});
    const facts = running(stage, server.url);
    const variables = (): Record<string, string> => ({
      [facts.tokenVariable]: token,
      ...stage.product.variables(server.url),
      [stage.product.caVariable ?? 'SECRETCTL_CA_FILE']: caFile,
    });
    const way = setup.tokenVariable === undefined ? issuer.job.token : undefined;
    return {
      ...facts,
      ownToken: way && { way, place: { origin: issuer.origin, right: issuer.right, token } },
      caPem: keys.caPem,
      caFile,
      environment: () => ({
        ...issuer.job.variables(issuer.origin),
        ...workDirectory(issuer.job, runtime),
        ...variables(),
      }),
      variables,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Keys {
  readonly caPem: string;
  /** Of both servers: they are one machine. */
  readonly tls: IssuedCertificate;
  readonly key: IssuerKey;
}

/** An RSA key takes longer to find than everything else together, so the certificates are made meanwhile. */
async function makeKeys(issuerKey: IssuerKey | undefined): Promise<Keys> {
  const makingKey = issuerKey ?? createIssuerKey('RS256');
  const authority = await createAuthority();
  const [tls, key] = await Promise.all([authority.issue({ names: ['localhost', '127.0.0.1'] }), makingKey]);
  return { caPem: authority.caPem, tls, key };
}

function issuerOptions(setup: RehearsalSetup, { tls, key }: Keys): IssuerOptions {
  const job = setup.job ?? CI_JOBS[0];
  return {
    job,
    tls,
    key,
    audience: setup.audience ?? job.audience ?? AUDIENCE,
    lifetimeSeconds: setup.lifetimeSeconds ?? job.lifetimeSeconds,
    claims: setup.claims ?? {},
  };
}

/** The product's side of a rehearsal. */
interface Stage {
  readonly product: StrictServer;
  readonly setup: RehearsalSetup;
  readonly issuer: Issuer;
  readonly world: RehearsalWorld;
  readonly log: RequestLog;
}

function serverOptions(stage: Stage, tls: IssuedCertificate, faults: readonly Fault[]): StrictServerOptions {
  return {
    product: stage.product,
    tls,
    log: stage.log,
    faults,
    latencyMs: stage.setup.latencyMs ?? 0,
    elsewhere: `${stage.issuer.origin}/elsewhere`,
    now: () => stage.world.now(),
  };
}

/**
 * Where the job works; left out when temporary files are below it: in a real job they never are, and what is kept
 * must not lie in the work directory.
 */
function workDirectory({ directoryVariable }: CiJob, { host }: Runtime): Record<string, string> {
  const below = relative(host.cwd, host.temporaryDirectory);
  if (directoryVariable === undefined) return {};
  const isAround = below === '' || (!isAbsolute(below) && below !== '..' && !below.startsWith(`..${sep}`));
  return isAround ? {} : { [directoryVariable]: host.cwd };
}

/** The parts of a rehearsal that need neither a file nor the end. */
function running(
  stage: Stage,
  url: string,
): Omit<Rehearsal, 'caPem' | 'caFile' | 'environment' | 'variables' | 'ownToken' | 'close'> {
  const { issuer, setup, world, log, product } = stage;
  const newest = [...world.secrets].map(([path, versions]) => [path, versions.at(-1)] as const);
  return {
    url,
    issuer: issuer.issuer,
    audience: issuer.audience,
    signer: issuer,
    token: (claims = {}, options = {}) => issuer.token(claims, options),
    configuration: () => product.configuration(url),
    tokenVariable: setup.tokenVariable ?? TOKEN_VARIABLE,
    paths: new Map([...[...world.forbidden].map((path) => [path, undefined] as const), ...newest]),
    requests: log.requests,
    arrival: (count) => log.arrival(count),
    report: () => log.report(),
    disturb(what) {
      if (product.disturb === undefined)
        throw new SecretctlError('USAGE', `this server cannot be disturbed, so not by ${quoted(what)} either`);
      product.disturb(what);
    },
  };
}

/** What the server holds: what was given, or made up where nothing was. */
async function secretsFor({ ownValues }: StrictProduct, given: RehearsalSetup['secrets']): Promise<RehearsalSecrets> {
  if (ownValues === undefined) return given ?? madeUpSecrets();
  const wanted =
    given === undefined ? ownValues.paths : [...given].flatMap(([path, all]) => (isEmpty(all) ? path : []));
  const made = await ownValues.make(wanted);
  return new Map([...(given ?? []), ...[...made].map(([path, value]) => [path, [value]] as const)]);
}

function isEmpty(versions: readonly Buffer[]): boolean {
  return versions.every((version) => version.length === 0);
}

type RehearsalSecrets = ReadonlyMap<string, readonly Buffer[]>;

function rehearsalWorld(
  setup: RehearsalSetup,
  issuer: Issuer,
  policy: LoadedPolicy | undefined,
  runtime: Runtime,
): RehearsalWorld {
  const aheadMs = setup.serverClockMs ?? 0;
  const secrets = setup.secrets ?? madeUpSecrets();
  return {
    secrets,
    forbidden: new Set([...(setup.forbidden ?? []), ...closedBy(policy, secrets)]),
    verify: (jwt, algorithms) => issuer.verify(jwt, algorithms),
    issuer: issuer.issuer,
    audience: issuer.audience,
    boundClaims: issuer.job.boundClaims(issuer.origin),
    ...(policy && { ...boundBy(policy), policy }),
    now: () => runtime.now() + aheadMs,
    random: (bytes) => runtime.random(bytes),
    options: setup.options ?? new Map(),
  };
}

function boundBy({ issuer, audience, boundClaims }: LoadedPolicy): Partial<RehearsalWorld> {
  return { issuer, boundClaims, ...(audience !== undefined && { audience }) };
}

/** What the policy does not open. */
function closedBy(policy: LoadedPolicy | undefined, secrets: RehearsalSecrets): readonly string[] {
  if (policy?.mayRead === undefined) return [];
  return [...secrets.keys()].filter((path) => policy.mayRead?.(path) === false);
}

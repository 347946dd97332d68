import type { LoadedPolicy, RehearsalWorld } from '../types.ts';
import type { ConjurOptions } from './options.ts';
import { openSigner, type TokenSigner } from './slosilo.ts';

/** One running Conjur: what it holds and what has happened to it. */
export interface Appliance {
  readonly world: RehearsalWorld;
  readonly options: ConjurOptions;
  readonly account: string;
  readonly serviceId: string;
  /** `/api` on SaaS and Edge, where it is part of the base URL; else empty. */
  readonly basePath: string;
  /** The claim that names the host; undefined when the URL does. */
  readonly tokenAppProperty: string | undefined;
  /** What stands between `host/` and that claim. */
  readonly identityPath: string;
  /** Login of the job's host. */
  readonly login: string;
  readonly signer: TokenSigner;
  /** What the real server writes to its log and tells no client: `CONJ00007E …`. */
  readonly log: string[];
  congestedLeft: number;
  hasRole: boolean;
}

/** A Conjur that holds this world's secrets. Throws nothing: its options were checked when they were read. */
export function openAppliance(world: RehearsalWorld, options: ConjurOptions): Appliance {
  const hasOneAccount = options.edition === 'saas' || options.edition === 'edge';
  return {
    world,
    options,
    ...(world.policy === undefined ? ownPlan(world, options) : policyPlan(world.policy)),
    account: hasOneAccount ? 'conjur' : 'rehearsal',
    basePath: hasOneAccount ? '/api' : '',
    signer: openSigner((bytes) => world.random(bytes)),
    log: [],
    congestedLeft: options.congested,
    hasRole: options.host,
  };
}

type Plan = Pick<Appliance, 'serviceId' | 'tokenAppProperty' | 'identityPath' | 'login'>;

/** How jobs log in where nobody loaded a policy. */
function ownPlan({ boundClaims }: RehearsalWorld, { identity }: ConjurOptions): Plan {
  const names = Object.keys(boundClaims);
  const claim = names.includes('project_path') ? 'project_path' : names[0];
  const plan = { serviceId: 'ci', identityPath: 'ci' };
  if (identity === 'url' || claim === undefined) return { ...plan, tokenAppProperty: undefined, login: URL_LOGIN };
  return { ...plan, tokenAppProperty: claim, login: hostLogin(plan.identityPath, `${boundClaims[claim]}`) };
}

function policyPlan({ facts }: LoadedPolicy): Plan {
  const { 'service-id': serviceId = '', 'identity-path': identityPath = '', host: login = '' } = facts;
  return { serviceId, identityPath, login, tokenAppProperty: facts['token-app-property'] };
}

const URL_LOGIN = 'host/data/ci/rehearsal';

/** `host/`, identity-path and the claim's value, joined by single slashes (conjur-vault.md, 1.8). */
export function hostLogin(identityPath: string, claimValue: string): string {
  const parts = ['host', identityPath.replace(/^\/+|\/+$/g, ''), claimValue.replace(/^\/+/, '')];
  return parts.filter((part) => part !== '').join('/');
}

/** A variable by its path: its values, oldest first, and what this host may do with it; undefined when there is none. */
export function findVariable({ world, options }: Appliance, id: string): Variable | undefined {
  const isForbidden = world.forbidden.has(id);
  const versions = world.secrets.get(id);
  if (versions === undefined && !isForbidden) return undefined;
  return {
    // An empty value cannot be stored: such a variable was never set.
    versions: (versions ?? []).filter((value) => value.length > 0),
    isVisible: !isForbidden || !options.hidden,
    mayExecute: !isForbidden,
  };
}

/** What the server knows of one variable. */
export interface Variable {
  readonly versions: readonly Buffer[];
  /** Whether the host has any privilege on it. */
  readonly isVisible: boolean;
  readonly mayExecute: boolean;
}

/** The path in `account:variable:path`, or undefined for another account, another kind, or no such form. */
export function variablePath({ account }: Appliance, fullId: string): string | undefined {
  const prefix = `${account}:variable:`;
  return fullId.startsWith(prefix) && fullId.length > prefix.length ? fullId.slice(prefix.length) : undefined;
}

/** Writes to the server's log and says nothing to the client. */
export function logged({ log }: Appliance, message: string): void {
  log.push(message);
}

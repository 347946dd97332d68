import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { RehearsalWorld } from '../types.ts';
import type { AwsOptions } from './options.ts';

/** What lies under one path: a secret of that name, and, where it is text, a parameter of the name `/PATH`. */
export interface Holding {
  readonly path: string;
  /** The last one is the newest. Empty for one that nobody here may read. */
  readonly versions: readonly Version[];
  readonly isForbidden: boolean;
  readonly isDeleted: boolean;
  readonly secretArn: string;
  readonly parameterArn: string;
}

/** One version. */
export interface Version {
  readonly id: string;
  readonly number: number;
  readonly stages: readonly string[];
  readonly value: Buffer;
}

/** Everything the account holds. */
export type Store = readonly Holding[];

/** From what the rehearsal was given. */
export function fillStore(world: RehearsalWorld, options: AwsOptions): Store {
  const deleted = new Set(options.deleted.split(' '));
  const paths = new Set([...world.secrets.keys(), ...world.forbidden]);
  const account = options.role.split(':')[4] ?? '';
  return [...paths].map((path) => {
    const values = world.secrets.get(path) ?? [];
    const suffix = digest(path)
      .replaceAll(/[^A-Za-z0-9]/g, '')
      .slice(0, 6);
    return {
      path,
      versions: values.map((value, index) => versionOf(path, values.length, index, value)),
      isForbidden: world.forbidden.has(path),
      isDeleted: deleted.has(path),
      secretArn: `arn:aws:secretsmanager:${options.region}:${account}:secret:${path}-${suffix}`,
      parameterArn: `arn:aws:ssm:${options.region}:${account}:parameter/${path}`,
    };
  });
}

/** By name, by ARN, or by an ARN without its end. */
export function findSecret(store: Store, id: string): Holding | undefined {
  return store.find(({ path, secretArn }) => path === id || secretArn === id || secretArn.slice(0, -7) === id);
}

/** By name, which begins with a slash where it has one at all, or by ARN. */
export function findParameter(store: Store, id: string): Holding | undefined {
  return store.find(
    (one) => isParameter(one) && (parameterName(one) === id || one.path === id || one.parameterArn === id),
  );
}

/** The name that answers give. */
export function parameterName({ path }: Holding): string {
  return `/${path}`;
}

/** Parameters are text. */
export function isParameter({ versions, isForbidden }: Holding): boolean {
  return isForbidden || versions.every(({ value }) => isUtf8(value) && value.length > 0);
}

function versionOf(path: string, count: number, index: number, value: Buffer): Version {
  const hex = createHash('sha256').update(`${path} ${index}`).digest('hex');
  const id = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)];
  const stage = ['AWSCURRENT', 'AWSPREVIOUS'][count - 1 - index];
  return { id: id.join('-'), number: index + 1, stages: stage === undefined ? [] : [stage], value };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

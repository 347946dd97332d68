import { aws } from './aws/index.ts';
import { azure } from './azure/index.ts';
import { conjur } from './conjur/index.ts';
import { fortipam } from './fortipam/index.ts';
import { protegrity } from './protegrity/index.ts';
import { tokenExchange } from './token-exchange/index.ts';
import { gcp } from './gcp/index.ts';
import { http } from './http/index.ts';
import type { BackendType } from './types.ts';
import { vault } from './vault/index.ts';
import { venafi } from './venafi/index.ts';

/** Every product, one row each. Whatever lists, configures or rehearses backends goes through this table. */
export const BACKENDS: readonly BackendType[] = [
  aws,
  azure,
  conjur,
  fortipam,
  gcp,
  http,
  protegrity,
  tokenExchange,
  vault,
  venafi,
];

/** The row of that `type:`, or undefined when there is none. */
export function backendType(name: string): BackendType | undefined {
  return BACKENDS.find((backend) => backend.type === name);
}

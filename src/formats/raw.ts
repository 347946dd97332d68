import { SecretctlError } from '../lib/errors.ts';
import type { Format } from './types.ts';

/** One secret, its exact bytes, nothing added. */
export const raw: Format = {
  name: 'raw',
  help: 'one secret, its exact bytes, nothing added',
  single: true,
  isEnvironment: false,
  render(secrets) {
    const [only, ...others] = secrets;
    if (only === undefined || others.length > 0) throw tooMany(secrets.length);
    return Buffer.from(only.value.reveal());
  },
};

/** The error for any other number of secrets than one. */
export function tooMany(count: number): SecretctlError {
  return new SecretctlError('USAGE', `--format raw writes exactly one secret, and ${count} were asked for`, {
    hint: ['name one secret', 'use --format json for several'],
  });
}

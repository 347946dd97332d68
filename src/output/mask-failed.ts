import { SecretctlError } from '../lib/errors.ts';

/** MASK_FAILED (73): why, and what to do about it. */
export function maskFailed(why: string, hint: string | readonly string[]): SecretctlError {
  return new SecretctlError(
    'MASK_FAILED',
    `the values could not be registered as masks: ${why}; nothing was handed on`,
    {
      hint,
    },
  );
}

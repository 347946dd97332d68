/** What a reference can bring of a certificate; all but `bundle` and `pkcs12` also as `.der`. */
export const FIELDS = ['bundle', 'certificate', 'chain', 'fullchain', 'key', 'pkcs12'] as const;

/** One of them. */
export type Field = (typeof FIELDS)[number];

/** How it is written. */
export type Form = 'pem' | 'der';

/** Whether the private key has to be fetched for it. */
export function needsKey(field: Field): boolean {
  return field === 'bundle' || field === 'key' || field === 'pkcs12';
}

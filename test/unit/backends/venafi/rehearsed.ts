import { X509Certificate } from 'node:crypto';
import { venafi } from '../../../../src/backends/venafi/index.ts';
import type { Outcome } from '../../../../src/backends/types.ts';
import { createAuthority, type IssueOptions } from '../../../../src/dev/frame/certificates.ts';
import { certificates } from '../../../../src/dev/venafi/made-up.ts';
import { type BackendSetup, type RehearsedBackend, rehearseBackend } from '../../../support/rehearsed-backend.ts';

export const WWW = 'www.example.com';

/** Key, certificate, issuer and root of `www.example.com`, in PEM. */
export const bundle = (await certificates.make([WWW])).get(WWW) ?? Buffer.alloc(0);

/** The same, block by block. */
export const [key = '', leaf = '', issuer = '', root = ''] =
  bundle.toString().match(/-----BEGIN[^]*?-----END.*\n/g) ?? [];

/** A tenant with one certificate, and a backend for it. */
export function rehearse(setup: BackendSetup = {}): Promise<RehearsedBackend> {
  return rehearseBackend(venafi, { secrets: { [WWW]: bundle }, ...setup });
}

/** An outcome in one line: its value, or its refusal. */
export function told(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'nothing';
  if ('refusal' in outcome) return `${outcome.refusal}: ${outcome.reason}`;
  return outcome.value.reveal().toString();
}

/** Another key and certificate, without the issuer's own. */
export async function issued(options: Partial<IssueOptions> = {}): Promise<string> {
  const made = await (await createAuthority()).issue({ names: [WWW], ...options });
  return `${made.key}${made.certificate}`;
}

/** SHA-1 of a certificate in PEM, digits with colons. */
export function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint;
}

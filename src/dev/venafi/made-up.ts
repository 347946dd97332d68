import { createAuthority } from '../frame/certificates.ts';
import type { OwnValues } from '../types.ts';

/** Certificates with their keys, as the default of a reference brings them: the key, the certificate, its issuers, in PEM. */
export const certificates: OwnValues = {
  paths: ['www.example.com', 'api.example.com'],
  make: makeUp,
  fieldsOf(bundle) {
    const [key = '', certificate = '', ...issuers] = blocksOf(bundle);
    return parts({ key, certificate, chain: issuers.join(''), fullchain: [certificate, ...issuers].join('') });
  },
};

/** The PEM blocks of a text, each with the line feed behind it. */
export function blocksOf(pem: Buffer): readonly string[] {
  return pem.toString('latin1').match(/-----BEGIN [^-]+-----\n[^-]*-----END [^-]+-----\n/g) ?? [];
}

async function makeUp(paths: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  if (paths.length === 0) return new Map();
  const root = await createAuthority();
  const authority = await root.subordinate();
  const made = paths.map(async (path) => {
    const { key, certificate } = await authority.issue({ names: [path] });
    return [path, Buffer.from(`${key}${certificate}${authority.caPem}${root.caPem}`)] as const;
  });
  return new Map(await Promise.all(made));
}

function parts(texts: Readonly<Record<string, string>>): Readonly<Record<string, Buffer>> {
  return Object.fromEntries(Object.entries(texts).map(([field, text]) => [field, Buffer.from(text)]));
}

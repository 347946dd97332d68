import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import type { Stage } from '../support/stage.ts';
import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createAuthority, type IssuedCertificate } from '../../src/dev/frame/certificates.ts';

async function clientFiles(
  stage: Stage,
  key: (issued: IssuedCertificate, other: IssuedCertificate) => string,
  mode: number,
): Promise<void> {
  const authority = await createAuthority();
  const [issued, other] = await Promise.all([
    authority.issue({ names: ['job'], usage: 'client' }),
    authority.issue({ names: ['job'], usage: 'client' }),
  ]);
  writeFileSync(path.join(stage.cwd, 'client.pem'), issued.certificate);
  writeFileSync(path.join(stage.cwd, 'client.key'), key(issued, other), { mode });
}

function encrypted(pem: string): string {
  return createPrivateKey(pem)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'test' })
    .toString();
}

export default vector({
  row: 46,
  title: 'client key that cannot be used',
  cases: [
    ...(
      [
        ['readable by others', async (stage) => clientFiles(stage, (issued) => issued.key, 0o644)],
        ['of another certificate', async (stage) => clientFiles(stage, (_, other) => other.key, 0o600)],
        ['encrypted', async (stage) => clientFiles(stage, (issued) => encrypted(issued.key), 0o600)],
      ] as [string, (stage: Stage) => Promise<void>][]
    ).map(
      ([name, before]) =>
        ({
          name,
          before,
          args: ['fetch', '--client-cert', 'client.pem', '--client-key', 'client.key', 'A=prod/db/password'],
          exit: 78,
          reason: 'CLIENT_KEY',
          packets: 0,
        }) satisfies Case,
    ),
  ],
});

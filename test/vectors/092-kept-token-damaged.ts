import { vector } from '../support/vectors.ts';
import type { Case } from '../support/vectors.ts';
import { keptToken } from '../support/stage.ts';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

function flipped(bytes: Buffer): Buffer {
  const at = bytes.length - 20;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes;
}

export default vector({
  row: 92,
  title: 'kept token damaged',
  cases: [
    ...(
      [
        ['empty', (file) => truncateSync(file, 0)],
        ['cut', (file) => truncateSync(file, 40)],
        ['last byte missing', (file) => truncateSync(file, statSync(file).size - 1)],
        ['a bit flipped', (file) => writeFileSync(file, flipped(readFileSync(file)))],
        ['random', (file) => writeFileSync(file, randomBytes(500))],
        ['1 GB', (file) => truncateSync(file, 1_000_000_000)],
      ] as [string, (file: string) => void][]
    ).map(
      ([name, damage]) =>
        ({
          name,
          before: async (stage) => {
            expect((await stage.run(['login'])).exit).toBe(0);
            damage(keptToken(stage));
          },
          exit: 0,
          saysNot: [/warning/],
          after: async (stage) => {
            expect(stage.rehearsal.report().exchanges).toBe(2);
            expect((await stage.run(['fetch', '--format', 'json', 'A=prod/db/password'])).exit).toBe(0);
            expect(stage.rehearsal.report().exchanges, 'replaced by a good one').toBe(2);
          },
        }) satisfies Case,
    ),
  ],
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { VERSION } from '../../../src/lib/version.ts';

test('the version is that of the package', () => {
  const manifest = readFileSync(path.join(import.meta.dirname, '../../../package.json'), 'utf8');
  expect(VERSION).toBe(JSON.parse(manifest).version);
});

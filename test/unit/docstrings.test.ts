import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');

const DECLARED = /^export (?:async )?(?:function|const|class|interface|type) (?<name>\w+)/;

test.each(['src', 'test/support'])('every export in %s has a docstring', async (folder) => {
  const bare: string[] = [];
  for await (const file of glob(`${folder}/**/*.ts`, { cwd: ROOT })) {
    const lines = readFileSync(path.join(ROOT, file), 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      const name = DECLARED.exec(line)?.groups?.['name'];
      if (name !== undefined && lines[index - 1]?.endsWith('*/') !== true) bare.push(`${file}: ${name}`);
    }
  }
  expect(bare).toEqual([]);
});

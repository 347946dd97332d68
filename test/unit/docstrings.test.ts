import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';

const SOURCES = path.join(import.meta.dirname, '../../src');

const DECLARED = /^export (?:async )?(?:function|const|class|interface|type) (?<name>\w+)/;

test('every export of the program has a docstring', async () => {
  const bare: string[] = [];
  for await (const file of glob('**/*.ts', { cwd: SOURCES })) {
    const lines = readFileSync(path.join(SOURCES, file), 'utf8').split('\n');
    for (const [index, line] of lines.entries()) {
      const name = DECLARED.exec(line)?.groups?.['name'];
      if (name !== undefined && lines[index - 1]?.endsWith('*/') !== true) bare.push(`${file}: ${name}`);
    }
  }
  expect(bare).toEqual([]);
});

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');

/** Paths as the maps write them: from the root, or from the folder of the map. */
const NAMED = /(?<![\w/.<-])(?:[\w.-]+\/)+(?:[\w-]+\.(?:ts|js)|(?=[`\s]))/g;

test.each(['src/README.md', 'test/README.md'])('every file and folder that %s names is there', (map) => {
  const text = readFileSync(path.join(ROOT, map), 'utf8');
  const named = [...new Set(text.match(NAMED))];
  const places = [ROOT, path.dirname(path.join(ROOT, map))];
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !places.some((place) => existsSync(path.join(place, name))))).toEqual([]);
});

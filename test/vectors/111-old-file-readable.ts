import { vector } from '../support/vectors.ts';
import { chmodSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

export default vector({
  row: 111,
  title: 'old file was 0644',
  cases: [
    {
      files: { 'out.json': 'old' },
      before: (stage) => chmodSync(path.join(stage.cwd, 'out.json'), 0o644),
      args: ['fetch', '--format', 'json', '-o', 'out.json', 'PASSWORD=prod/db/password'],
      exit: 0,
      stdout: '',
      says: [/warning: .*out\.json/],
      after: (stage) => expect(statSync(path.join(stage.cwd, 'out.json')).mode & 0o7777).toBe(0o600),
    },
  ],
});
